"""Signing in as who somebody is elsewhere: which account it is, connecting, taking apart.

An identity belongs to the account it was connected to by somebody signed in to it, or that was
made for it. An address alone connects nothing, verified or not: whoever gets hold of a mailbox
elsewhere would have the account here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.accounts.models import Identity, Mobile, Passkey, SpentState, User
from booking.accounts.queries.signing_in import user_by_email
from booking.accounts.services.notices import WAYS_CHANGED, notify
from booking.accounts.services.people import create_user
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Forbidden, NotFound, WrongState
from booking.core.text import one_line
from booking.infra.db import savepoint
from booking.infra.secret import token_hash

STATE_MINUTES = 10  # from leaving for a provider to coming back
MOST_IDENTITIES = 10


@dataclass(frozen=True, slots=True)
class Proven:
    """Who a provider says somebody is. `email` only where the provider has verified it."""

    issuer: str
    subject: str
    email: str | None = None
    name: str = ""
    two_factors: bool = False

    @property
    def label(self) -> str:
        """Return what the person recognises it by."""
        return one_line(self.email or self.name or self.subject)[:100]


def spend_state(session: Session, state: str, now: datetime) -> None:
    """Note that the sign-in of this state came back. Raises Forbidden for one that had before."""
    session.execute(delete(SpentState).where(SpentState.expires_at <= now))
    ends = now + timedelta(minutes=2 * STATE_MINUTES)
    try:
        with savepoint(session):
            row = {"state_hash": token_hash(state), "expires_at": ends}
            session.execute(insert(SpentState).values(row))
    except IntegrityError:
        raise Forbidden("sign_in_elsewhere_over") from None


def user_of(session: Session, proven: Proven, now: datetime, *, creates: bool) -> int:
    """Return whose account an identity is.

    `creates`: who has no account here gets one, if the provider has verified their address.
    Raises Forbidden("identity_unknown") when its person has left, WrongState("not_connected") when
    nobody here has connected it: only who is signed in to an account can.
    """
    found = _identity(session, proven)
    if found is not None:
        user = session.get_one(User, found.user_id)
        if user.retired_at is not None:
            raise Forbidden("identity_unknown")
        found.last_used_at = now
        return user.id
    if not creates or not proven.email or user_by_email(session, proven.email) is not None:
        raise WrongState("not_connected")
    user = create_user(session, None, proven.email, proven.name, now)
    _connect(session, Actor(user.id), proven, now)
    return user.id


def connect(session: Session, actor: Actor, proven: Proven, now: datetime) -> bool:
    """Connect an identity to the actor's account; return False when it was already.

    Raises WrongState("identity_taken") when it is another person's.
    """
    found = _identity(session, proven)
    if found is not None and found.user_id != actor.user_id:
        raise WrongState("identity_taken")
    if found is not None:
        return False
    if _count(session, actor.user_id) >= MOST_IDENTITIES:
        raise WrongState("too_many_identities", limit=MOST_IDENTITIES)
    _connect(session, actor, proven, now)
    notify(session, actor.user_id, WAYS_CHANGED, now, what="identity_connected")
    return True


def disconnect(session: Session, actor: Actor, identity_id: int, now: datetime) -> None:
    """Take an identity from the actor's account: it signs nobody in any more.

    Raises NotFound, WrongState("last_way") when the person could not sign in any more.
    """
    row = session.get(Identity, identity_id, with_for_update=True)
    if row is None or row.user_id != actor.user_id:
        raise NotFound("identity")
    if _ways(session, actor.user_id) < 2:
        raise WrongState("last_way")
    session.delete(row)
    after = {"issuer": row.issuer}
    record(session, actor, "identity.disconnect", ("user", actor.user_id), now, before=after)
    notify(session, actor.user_id, WAYS_CHANGED, now, what="identity_disconnected")


def drop_mobile(session: Session, actor: Actor, now: datetime) -> None:
    """Take the mobile number from the actor's account.

    Raises NotFound without one, WrongState("last_way") when the person could not sign in any more.
    """
    row = session.scalars(select(Mobile).where(Mobile.user_id == actor.user_id)).one_or_none()
    if row is None:
        raise NotFound("mobile")
    if _ways(session, actor.user_id) < 2:
        raise WrongState("last_way")
    session.delete(row)
    record(session, actor, "mobile.drop", ("user", actor.user_id), now)
    notify(session, actor.user_id, WAYS_CHANGED, now, what="mobile_dropped")


def refused(session: Session, issuer: str, why: str, now: datetime) -> None:
    """Write down that somebody who came from a provider was not let in. No name: none is proven."""
    record(session, None, "sign_in.refused", ("user", 0), now, after={"issuer": issuer, "why": why})


def _identity(session: Session, proven: Proven) -> Identity | None:
    return session.scalars(
        select(Identity).where(Identity.issuer == proven.issuer, Identity.subject == proven.subject)
    ).one_or_none()


def _connect(session: Session, actor: Actor, proven: Proven, now: datetime) -> None:
    row = {
        "issuer": proven.issuer, "subject": proven.subject, "user_id": actor.user_id,
        "label": proven.label, "created_at": now, "last_used_at": now,
    }  # fmt: skip
    try:
        with savepoint(session):
            session.execute(insert(Identity).values(row))
    except IntegrityError:
        raise WrongState("identity_taken") from None
    subject, after = ("user", actor.user_id), {"issuer": proven.issuer}
    record(session, actor, "identity.connect", subject, now, after=after)


def _count(session: Session, user_id: int) -> int:
    count = select(func.count(Identity.id)).where(Identity.user_id == user_id)
    return session.scalars(count).one()


def _ways(session: Session, user_id: int) -> int:
    """Return in how many ways the person can sign in. The person's row is locked.

    Or two ways, each taken off while the other was still there, would both be gone.
    """
    person = session.get_one(User, user_id, with_for_update={"key_share": True})
    others = sum(
        session.scalars(select(func.count(table.id)).where(table.user_id == user_id)).one()
        for table in (Mobile, Passkey)
    )
    return _count(session, user_id) + others + (1 if person.password_hash else 0)
