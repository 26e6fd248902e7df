"""The inbox, and the link in a mail that decides."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.infra.signed import DECIDE, sign
from booking.reservations.models import Reservation
from tests.cast import Cast
from tests.conftest import NOW
from tests.matrix import ALL, action, page

# Of their company; each of their own labs; of a group, in somebody's stead.
DECIDERS = "bo mei dee ops gro sub"
LINK = {"token": "meis_link"}


def prepare(session: Session, people: Cast) -> dict[str, str]:
    """Sign the link that Mei gets for the first pending request."""
    query = select(Reservation).where(Reservation.status == "pending").order_by(Reservation.id)
    row = session.scalars(query).first()
    assert row is not None
    asked = (row.id, row.version, people.mei.id)
    return {"meis_link": sign(DECIDE, asked, NOW + timedelta(hours=12))}


ACCESS = {
    "GET approvals.inbox": [page(DECIDERS, also={"aud": 404})],
    # Who may not decide is told so in a flash; that nothing changes is tested with the inbox.
    "POST approvals.decide": [
        action(ALL, form={"approve": "{pending}:1"}),
        page("mei sub ops", form={"reject": "{pending}:1"}),
        page("gro", form={"reject": "{judged}:1"}),
    ],
    # The link speaks for Mei: she, or nobody signed in, uses it.
    "GET approvals.by_link": [page("mei", also={"dep": 404}, anonymous=200, params=LINK)],
    "POST approvals.by_link": [
        page("mei", also={"dep": 404}, anonymous=200, params=LINK, form={"do": "approve"}),
        page(
            "mei", anonymous=422, also={"mei": 422, "dep": 404}, params=LINK, form={"do": "reject"}
        ),
    ],
}
