"""Who decides besides a lab's managers: groups, and whoever stands in while somebody is away."""

from datetime import timedelta

from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Absence, DeciderGroup, DeciderGroupMember
from booking.core.period import Period
from booking.policies.models import Qualification
from booking.reservations.models import ApprovalStep
from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import create_reservation, keep
from tests.matrix import action, page, table
from tests.reservations.steps import at

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


def appoint(session: Session, people: Cast, everybody: dict[str, User]) -> dict[str, int]:
    """Have a group wait for one of it, somebody stand in for the deputy, and one be a trainer."""
    group = keep(session, DeciderGroup(lab_id=people.west_lab.id, name_zh="伦理"))
    keep(session, DeciderGroupMember(group_id=group.id, user_id=everybody["gro"].id))
    asked = create_reservation(
        session, people.confocal, Period(at(10, 4), at(11, 4)), status="pending",
        user_id=people.ada.id, company_id=people.company_a.id, decide_by=at(9, 4),
    )  # fmt: skip
    keep(session, ApprovalStep(
        reservation_id=asked.id, position=1, kind="group", group_id=group.id, state="waiting",
        began_at=NOW, decide_by=at(9, 4),
    ))  # fmt: skip
    keep(session, Absence(
        user_id=everybody["dep"].id, deputy_id=everybody["sub"].id, set_at=NOW,
        from_at=NOW - timedelta(days=1), until_at=NOW + timedelta(days=3),
    ))  # fmt: skip
    keep(session, Qualification(
        user_id=everybody["tra"].id, pool_id=people.confocal.id, level=4, granted_at=NOW,
    ))  # fmt: skip
    for key in ("gro", "sub"):
        everybody[key].has_duties = 1
    session.commit()
    return {"judged": asked.id}


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
    "GET away.absence": [page(f"{LEADS} rep sub sta gro")],
    "POST away.absence": [page(f"{LEADS} rep sub sta gro", status=422)],
    "POST away.end": [action("mei")],
}
