"""People and the operators among them."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.queries.signing_in import user_by_email
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState

OPERATOR = "operator"  # the only park_role


def create_user(
    session: Session, actor: Actor | None, email: str, name: str, now: datetime, phone: str = ""
) -> User:
    """Return a new person without a password. Raises Invalid when the address is taken or unfit."""
    address = email.strip().lower()
    if not 3 <= len(address) <= 254 or address.count("@") != 1 or any(c.isspace() for c in address):
        raise Invalid("not_an_address", field="email", actual=email)
    if user_by_email(session, address) is not None:
        raise Invalid("address_taken", field="email", actual=address)
    user = User(
        email=address, name=_one_line(name).strip() or address, created_at=now,
        phone=_one_line(phone),
    )  # fmt: skip
    session.add(user)
    session.flush()
    record(session, actor, "user.create", ("user", user.id), now)
    return user


def make_operator(session: Session, actor: Actor | None, user: User, now: datetime) -> None:
    """Give a person the park's operator role."""
    before, after = {"park_role": user.park_role}, {"park_role": OPERATOR}
    user.park_role = OPERATOR
    record(session, actor, "user.make_operator", ("user", user.id), now, before=before, after=after)


def take_operator(session: Session, actor: Actor, user: User, now: datetime) -> None:
    """Take the operator role from a person. Raises as `keep_an_operator`."""
    keep_an_operator(session, actor, user.id)
    before, after = {"park_role": user.park_role}, {"park_role": None}
    user.park_role = None
    record(session, actor, "user.take_operator", ("user", user.id), now, before=before, after=after)


def keep_an_operator(session: Session, actor: Actor, without: int) -> None:
    """Raise WrongState `last_operator` unless an operator other than `without` can sign in.

    The operators are locked, so that two of them cannot end each other at once: who has lost the
    role meanwhile gets NotFound.
    """
    operators = session.scalars(
        select(User)
        .where(User.park_role == OPERATOR, User.retired_at.is_(None))
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    if actor.user_id not in [user.id for user in operators]:
        raise NotFound("operator")
    if not any(user.password_hash and user.id != without for user in operators):
        raise WrongState("last_operator")


def restore_user(session: Session, actor: Actor | None, user: User, now: datetime) -> None:
    """Let a retired person sign in again, with the password they had."""
    user.retired_at = None
    record(session, actor, "user.restore", ("user", user.id), now)


def set_locale(session: Session, actor: Actor, locale: str) -> None:
    """Keep the language a person chose."""
    session.execute(update(User).where(User.id == actor.user_id).values(locale=locale))


def _one_line(text: str) -> str:
    return " ".join(text.split())
