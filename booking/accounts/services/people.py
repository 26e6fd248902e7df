"""People and the operators among them."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.queries.signing_in import user_by_email
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.core.text import one_line

OPERATOR, ADMINISTRATOR, AUDITOR = "operator", "administrator", "auditor"
PARK_ROLES = (OPERATOR, ADMINISTRATOR, AUDITOR)


def create_user(
    session: Session, actor: Actor | None, email: str, name: str, now: datetime, phone: str = ""
) -> User:
    """Return a new person without a password. Raises Invalid when the address is taken or unfit."""
    address = fit_address(email)
    if user_by_email(session, address) is not None:
        raise Invalid("address_taken", field="email", actual=address)
    user = User(
        email=address, name=one_line(name) or address, created_at=now, phone=one_line(phone),
    )  # fmt: skip
    session.add(user)
    session.flush()
    record(session, actor, "user.create", ("user", user.id), now)
    return user


def fit_address(email: str) -> str:
    """Return an e-mail address as it is stored. Raises Invalid on field email."""
    address = email.strip().lower()
    if not 3 <= len(address) <= 254 or address.count("@") != 1 or any(c.isspace() for c in address):
        raise Invalid("not_an_address", field="email", actual=email)
    return address


def make_operator(session: Session, actor: Actor | None, user: User, now: datetime) -> None:
    """Give a person the park's operator role."""
    set_park_role(session, actor, user, OPERATOR, now, "user.make_operator")


def take_operator(session: Session, actor: Actor, user: User, now: datetime) -> None:
    """Take the operator role from a person. Raises as `keep_one`."""
    keep_one(session, actor, user)
    set_park_role(session, actor, user, None, now, "user.take_operator")


def set_park_role(
    session: Session,
    actor: Actor | None,
    user: User,
    role: str | None,
    now: datetime,
    action: str = "user.park_role",
) -> None:
    """Give a person one of PARK_ROLES in place of what they had, None for nothing."""
    before, after = {"park_role": user.park_role}, {"park_role": role}
    user.park_role = role
    record(session, actor, action, ("user", user.id), now, before=before, after=after)


def keep_one(session: Session, actor: Actor, without: User) -> None:
    """Raise WrongState `last_operator`, `last_administrator` if `without` is the last to sign in.

    Who may give park roles is locked, so that two of them cannot end each other at once: who has
    lost their own role meanwhile gets NotFound. Auditors may all go.
    """
    if without.park_role not in (OPERATOR, ADMINISTRATOR):
        return
    holders = session.scalars(
        select(User)
        .where(User.park_role.in_((OPERATOR, ADMINISTRATOR)), User.retired_at.is_(None))
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if actor.user_id not in [user.id for user in holders]:
        raise NotFound("operator")
    role = without.park_role
    left = [user for user in holders if user.park_role == role and user.id != without.id]
    if not any(user.password_hash for user in left):
        raise WrongState(f"last_{role}")


def restore_user(session: Session, actor: Actor | None, user: User, now: datetime) -> None:
    """Let a retired person sign in again, with the password they had."""
    user.retired_at = None
    record(session, actor, "user.restore", ("user", user.id), now)


def set_locale(session: Session, actor: Actor, locale: str) -> None:
    """Keep the language a person chose."""
    session.execute(update(User).where(User.id == actor.user_id).values(locale=locale))


def set_alerts(session: Session, actor: Actor, now: datetime, *, wanted: bool) -> None:
    """Keep whether a person is told of sign-ins from new devices and places."""
    person = session.get_one(User, actor.user_id)
    before, after = {"alerts": person.sign_in_alerts}, {"alerts": int(wanted)}
    person.sign_in_alerts = int(wanted)
    subject = ("user", actor.user_id)
    record(session, actor, "user.set_alerts", subject, now, before=before, after=after)
