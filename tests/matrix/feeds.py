"""Calendars that programs fetch: the secret is the only proof, and reads what its owner may."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.feeds.models import CalendarFeed
from booking.feeds.rules.scopes import Scope
from booking.feeds.services.feeds import make_feed
from tests.cast import Cast
from tests.conftest import NOW
from tests.matrix import action, page
from tests.matrix.reservations import ACCESS as RESERVATIONS


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Give Ada a feed."""
    make_feed(session, Actor(people.ada.id), Scope("own"), "full", NOW)
    session.commit()
    found = select(CalendarFeed.id).where(CalendarFeed.user_id == people.ada.id)
    return {"adas_feed": session.scalars(found).one()}


SHOWN = RESERVATIONS["GET reservations.show"]
NOBODYS = {"secret": "x" * 43}
ACCESS = {
    "GET feeds.mine": [page()],
    "POST feeds.mine": [page(status=422)],
    "POST feeds.renew": [page("ada", params={"feed_id": "adas_feed"})],
    "POST feeds.revoke": [action("ada", params={"feed_id": "adas_feed"})],
    "GET feeds.busy": [page()],
    "POST feeds.busy": [page(status=422)],
    "POST feeds.forget": [action()],
    "GET feeds.one": SHOWN,
    "GET feeds.feed": [page("", anonymous=404, params=NOBODYS)],
    "GET feeds.free_busy": [page("", anonymous=404, params=NOBODYS)],
}
