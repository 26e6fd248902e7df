"""From a proven first factor to a session: asking for the second one, telling of new devices."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.queries.requiring import required
from booking.accounts.rules.devices import Device, device_of
from booking.accounts.rules.factors import roles_of
from booking.accounts.services.devices import meet_device
from booking.accounts.services.notices import NEW_SIGN_IN, notify
from booking.accounts.services.sessions import start_session
from booking.accounts.services.steps import SECOND_FACTOR, begin_step
from booking.companies.queries.memberships import standing_of
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.infra.secret import token_hash


@dataclass(frozen=True, slots=True)
class Entry:
    """What the cookie gets: a session's token when `complete`, else a second factor's step."""

    token: str
    complete: bool


def enter(
    session: Session, user_id: int, device: Device, now: datetime, *, how: str, strong: bool
) -> Entry:
    """Return the session of a person whose first factor is proven, or the step to the second.

    `how` is noted in the audit: password, link, passkey, oidc, …; `strong` says that it proved two
    factors by itself. Raises NotFound for a person who has left.
    """
    person = session.get(User, user_id, populate_existing=True)
    if person is None or person.retired_at is not None:
        raise NotFound("person")
    if person.factor_since is not None and not strong:
        return Entry(begin_step(session, SECOND_FACTOR, user_id, now), complete=False)
    return Entry(begin(session, person, device, now, how), complete=True)


def begin(session: Session, person: User, device: Device, now: datetime, how: str) -> str:
    """Return the token of a session of a person who has proven all that is asked of them."""
    is_new = meet_device(session, person.id, device, now)
    if person.sign_in_alerts and is_new:
        notify(
            session, person.id, NEW_SIGN_IN, now,
            device=device_of(device.user_agent), address=device.address,
        )  # fmt: skip
    if person.factor_since is None and person.factor_asked_at is None:
        parties, labs = standing_of(session, person.id, now)
        actor = Actor(person.id, park_role=person.park_role, parties=parties, labs=labs)
        if roles_of(actor) & required(session).roles:
            person.factor_asked_at = now
    return start_session(
        session, person.id, device.address, device.user_agent, now, how, token_hash(device.token)
    )
