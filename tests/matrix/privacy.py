"""Privacy: one's own data, the policy, the operator's requests."""

from sqlalchemy.orm import Session

from booking.infra.db import write
from booking.privacy.services.erasing import ask_erasure
from tests import factories
from tests.cast import Cast
from tests.conftest import NOW
from tests.matrix import ALL, action, page


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Let somebody who belongs nowhere ask to be erased."""
    who = factories.actor(factories.create_user(session, email="leaving@test.example"))
    write(lambda s: ask_erasure(s, who, 14, NOW))
    return {"leaving": who.user_id, "private_company": people.company_a.id}


_OURS = {"company_id": "private_company"}


ACCESS = {
    "GET privacy.policy": [page(ALL, anonymous=200)],
    "POST privacy.agree": [action("")],  # no policy is in force
    "GET privacy.own": [page(ALL)],
    "POST privacy.export": [page(ALL)],
    "POST privacy.erase": [page(ALL, status=422)],
    "POST privacy.withdraw": [action("")],  # nobody of the cast asked
    "GET park_privacy.edit_policy": [page("ops adm")],
    "POST park_privacy.edit_policy": [page("ops adm", status=422)],
    "GET park_privacy.erasures": [page("ops adm")],
    "POST park_privacy.erase_person": [action("ops adm", params={"user_id": "leaving"})],
    "GET park_privacy.refuse": [page("ops adm", params={"user_id": "leaving"})],
    "POST park_privacy.refuse": [page("ops adm", status=422, params={"user_id": "leaving"})],
    "GET company_privacy.company": [page("bo ops adm", params=_OURS)],
    "POST company_privacy.company": [action("bo ops adm", params=_OURS)],
}
