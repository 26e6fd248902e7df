"""Passkeys: begun in one request, finished in the next, each challenge once.

What the browser answers is checked between two transactions: the first uses the challenge up,
whatever comes of it, the second writes what holds.
"""

from datetime import datetime

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.accounts.models import Passkey, User
from booking.accounts.queries.factors import ways_of
from booking.accounts.rules.factors import MOST_PASSKEYS, free_name, passkey_name
from booking.accounts.services.factors import added, removed, renew_recovery_codes
from booking.accounts.services.steps import begin_step
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.infra.passkeys import NewKey, Place, place_of
from booking.infra.secret import new_token


def place() -> Place:
    """Return where passkeys of this park work, from its configured address."""
    return place_of(str(current_app.config["PUBLIC_BASE_URL"]))


def passkeys_of(session: Session, user_id: int) -> list[Passkey]:
    """Return a person's passkeys, oldest first."""
    query = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    return list(session.scalars(query))


def begin_passkey(
    session: Session, purpose: str, user_id: int | None, now: datetime
) -> tuple[str, str]:
    """Return the token of a new step and the challenge the browser is to sign, base64url."""
    challenge = new_token()
    return begin_step(session, purpose, user_id, now, challenge), challenge


def add_passkey(
    session: Session, actor: Actor, key: NewKey, name: str, otherwise: str, now: datetime
) -> list[str]:
    """Keep a proven new passkey; return recovery codes if the person had none.

    Raises WrongState("too_many_passkeys"), Invalid when it is known already.
    """
    # The person's row orders two that come at once.
    session.scalars(select(User.id).where(User.id == actor.user_id).with_for_update()).one()
    mine = passkeys_of(session, actor.user_id)
    if len(mine) >= MOST_PASSKEYS:
        raise WrongState("too_many_passkeys", limit=MOST_PASSKEYS)
    if find_passkey(session, key.credential_id) is not None:
        raise Invalid("passkey_known")
    session.add(
        Passkey(
            user_id=actor.user_id, name=free_name(name, [p.name for p in mine], otherwise),
            credential_id=key.credential_id, public_key=key.public_key,
            sign_count=key.sign_count, created_at=now,
        )
    )  # fmt: skip
    session.flush()
    added(session, actor, "passkey", now)
    left = ways_of(session, actor.user_id).codes
    return [] if left else renew_recovery_codes(session, actor, now)


def find_passkey(session: Session, credential_id: str) -> Passkey | None:
    """Return the passkey of this id, of an active person, else None."""
    return session.scalars(
        select(Passkey)
        .join(User, User.id == Passkey.user_id)
        .where(Passkey.credential_id == credential_id, User.retired_at.is_(None))
    ).one_or_none()


def note_use(session: Session, passkey_id: int, before: int, count: int, now: datetime) -> int:
    """Return the person of a passkey whose answer was proven, its counter moved on.

    Raises Invalid when it was used or removed since `before` was read.
    """
    user_id = session.execute(
        update(Passkey)
        .where(Passkey.id == passkey_id, Passkey.sign_count == before)
        .values(sign_count=count, last_used_at=now)
        .returning(Passkey.user_id)
    ).scalar_one_or_none()
    if user_id is None:
        raise Invalid("passkey_unproven")
    return user_id


def remove_passkey(session: Session, actor: Actor, passkey_id: int, now: datetime) -> None:
    """Take one of the actor's passkeys out of use. Raises NotFound for another's."""
    row = session.get(Passkey, passkey_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound("passkey")
    session.delete(row)
    session.flush()
    removed(session, actor, actor.user_id, "passkey", now)


def rename_passkey(
    session: Session, actor: Actor, passkey_id: int, name: str, now: datetime
) -> None:
    """Give one of the actor's passkeys another name. Raises NotFound, Invalid."""
    row = session.get(Passkey, passkey_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound("passkey")
    row.name = passkey_name(name)
    if not row.name:
        raise Invalid("required", field="name")
    record(session, actor, "passkey.rename", ("user", actor.user_id), now)
