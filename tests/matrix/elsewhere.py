"""Signing in by accounts elsewhere, and a person's ways to sign in. No provider is set."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import Identity
from booking.accounts.services.identities import Proven, connect
from booking.core.actor import Actor
from tests.cast import Cast
from tests.conftest import NOW
from tests.matrix import action, page

NOWHERE = {"key": "nowhere"}


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Connect Ada to somebody elsewhere."""
    proven = Proven("https://id.example", "ada-1", "ada@test.example", "Ada")
    connect(session, Actor(people.ada.id), proven, NOW)
    session.commit()
    return {"adas_identity": session.scalars(select(Identity.id)).one()}


ACCESS = {
    "GET elsewhere.start": [page("", anonymous=404, params=NOWHERE)],
    "GET elsewhere.back": [page("", anonymous=404, params=NOWHERE)],
    "POST elsewhere.finish": [page("", anonymous=404, params=NOWHERE)],
    "GET elsewhere.connect_pending": [page(status=302)],
    "POST elsewhere.connect_pending": [action()],
    "GET ways.mine": [page()],
    "POST ways.disconnect_one": [action("ada", params={"identity_id": "adas_identity"})],
}
