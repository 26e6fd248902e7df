"""Who decides besides a lab's managers: groups, and whoever stands in while somebody is away."""

from datetime import timedelta

from sqlalchemy.orm import Session

from booking.companies.models import Absence, DeciderGroup, DeciderGroupMember
from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import keep
from tests.matrix import action, page, table

WEST = "mei ops"
LEADS = "bo mei dee"  # decide for a company or a lab


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add a group of West's lab with Dee in it, and Mei's absence of next month."""
    group = keep(session, DeciderGroup(lab_id=people.west_lab.id, name_zh="生物安全"))
    keep(session, DeciderGroupMember(group_id=group.id, user_id=people.dee.id))
    later = NOW + timedelta(days=30)
    away = Absence(
        user_id=people.mei.id, deputy_id=people.rep.id, from_at=later,
        until_at=later + timedelta(days=3), set_at=NOW,
    )  # fmt: skip
    keep(session, away)
    return {"decider_group": group.id, "decider": people.dee.id}


ACCESS = {
    **table("ops adm", "deciders.park - 200 422"),
    **table(
        WEST,
        """
        deciders.lab     lab_id=west                             200  422
        deciders.add     group_id=decider_group                  -    422
        deciders.remove  group_id=decider_group,user_id=decider  -    302
        deciders.retire  group_id=decider_group                  -    302
        """,
    ),
    "GET away.absence": [page(f"{LEADS} rep")],
    "POST away.absence": [page(f"{LEADS} rep", status=422)],
    "POST away.end": [action("mei")],
}
