"""A person's second factors: the authenticator app, recovery codes, and when there are none."""

from datetime import datetime

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from booking.accounts.models import Authenticator, Passkey, RecoveryCode, User
from booking.accounts.queries.factors import ways_of
from booking.accounts.rules.devices import Device, device_of
from booking.accounts.rules.factors import (
    RECOVERY_CHARACTERS,
    RECOVERY_CODES,
    WRONG_UNTIL_TOLD,
    digits_of,
    is_recovery_code,
    recovery_code_of,
    shown_code,
    step_of,
)
from booking.accounts.services.entering import begin
from booking.accounts.services.notices import FACTORS_CHANGED, WRONG_FACTORS, notify
from booking.accounts.services.sessions import end_other_sessions, end_sessions
from booking.accounts.services.steps import SECOND_FACTOR, open_step, take_step
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, WrongState
from booking.infra.secret import new_code, seal, token_hash, unseal

SEALED_FOR = "booking:authenticator"


def authenticator_of(session: Session, user_id: int) -> Authenticator | None:
    """Return the person's app, confirmed or not, else None."""
    return session.scalars(
        select(Authenticator).where(Authenticator.user_id == user_id)
    ).one_or_none()


def begin_authenticator(session: Session, actor: Actor, now: datetime) -> None:
    """Make a new secret for the actor's app; it proves nothing until a code of it was typed.

    Raises WrongState("authenticator_there") when a confirmed one is there.
    """
    row = authenticator_of(session, actor.user_id)
    if row is not None and row.confirmed_at is not None:
        raise WrongState("authenticator_there")
    session.execute(delete(Authenticator).where(Authenticator.user_id == actor.user_id))
    sealed = seal(pyotp.random_base32(), SEALED_FOR)
    session.add(Authenticator(user_id=actor.user_id, secret=sealed, created_at=now))


def secret_of(row: Authenticator) -> str:
    """Return an app's secret. Raises WrongState when the server's key has changed since."""
    secret = unseal(row.secret, SEALED_FOR)
    if secret is None:
        raise WrongState("authenticator_unreadable")
    return secret


def confirm_authenticator(
    session: Session, actor: Actor, code: str, kept_session: int, now: datetime
) -> list[str]:
    """Take the app into use by a code it shows; return new recovery codes if there were none.

    Every other session of the person ends: they were opened without it. Raises Invalid on field
    code, WrongState when nothing was begun or it is in use already.
    """
    row = authenticator_of(session, actor.user_id)
    if row is None or row.confirmed_at is not None:
        raise WrongState("authenticator_there" if row else "step_over")
    if not _use_code(session, row, code, now):
        raise Invalid("wrong_factor_code", field="code")
    row.confirmed_at = now
    session.flush()
    added(session, actor, "authenticator", now)
    end_other_sessions(session, actor, kept_session, now)
    left = ways_of(session, actor.user_id).codes
    return [] if left else _new_codes(session, actor.user_id, now)


def remove_authenticator(session: Session, actor: Actor, now: datetime) -> None:
    """Take the actor's app out of use. Raises NotFound when there is none."""
    gone = session.execute(
        delete(Authenticator)
        .where(Authenticator.user_id == actor.user_id, Authenticator.confirmed_at.is_not(None))
        .returning(Authenticator.id)
    ).all()
    if not gone:
        raise NotFound("authenticator")
    removed(session, actor, actor.user_id, "authenticator", now)


def renew_recovery_codes(session: Session, actor: Actor, now: datetime) -> list[str]:
    """Return new recovery codes, shown this once; the ones before end.

    Raises WrongState("no_factor") where there is nothing they could stand in for.
    """
    if session.get_one(User, actor.user_id).factor_since is None:
        raise WrongState("no_factor")
    codes = _new_codes(session, actor.user_id, now)
    record(session, actor, "factor.renew_codes", ("user", actor.user_id), now)
    notify(session, actor.user_id, FACTORS_CHANGED, now, what="recovery_codes")
    return codes


def finish_with_code(
    session: Session, token: str | None, typed: str, device: Device, now: datetime
) -> str:
    """Return the token of the session that a second factor's code opens; the step is used up.

    Raises WrongState("step_over") when there is no such step, Invalid on field code for a wrong
    or used one; the step then stays open.
    """
    step = open_step(session, token, SECOND_FACTOR, now)
    if step is None or step.user_id is None:
        raise WrongState("step_over")
    user_id = step.user_id
    how = use_any_code(session, user_id, typed, now)
    take_step(session, token, SECOND_FACTOR, now)
    person = session.get_one(User, user_id)
    if person.retired_at is not None:
        raise NotFound("person")
    return begin(session, person, device, now, how)


def use_any_code(session: Session, user_id: int, typed: str, now: datetime) -> str:
    """Use a code of the app or a recovery code; return which: authenticator or recovery_code.

    Raises Invalid on field code.
    """
    if is_recovery_code(typed):
        if _use_recovery_code(session, user_id, typed, now):
            return "recovery_code"
        raise Invalid("wrong_factor_code", field="code")
    row = authenticator_of(session, user_id)
    if row is None or row.confirmed_at is None or not _use_code(session, row, typed, now):
        raise Invalid("wrong_factor_code", field="code")
    return "authenticator"


def note_wrong_factor(
    session: Session, user_id: int, what: str, device: Device, today: int, now: datetime
) -> None:
    """Note a proof that was wrong, the `today`th of the day; the fifth is told to its owner.

    `what` is authenticator, recovery_code or passkey. Who tried is not known.
    """
    record(session, None, "factor.refused", ("user", user_id), now, after={"what": what})
    if today == WRONG_UNTIL_TOLD:
        notify(
            session, user_id, WRONG_FACTORS, now, left=today,
            device=device_of(device.user_agent), address=device.address,
        )  # fmt: skip


def reset_factors(session: Session, actor: Actor | None, user_id: int, now: datetime) -> None:
    """Take every second factor of a person who has lost them, and end their sessions.

    The caller has checked that the actor may, and has made sure who asks.
    """
    for table in (Authenticator, Passkey):
        session.execute(delete(table).where(table.user_id == user_id))
    end_sessions(session, user_id, now)
    removed(session, actor, user_id, "all", now)


def added(session: Session, actor: Actor, what: str, now: datetime) -> None:
    """Note that a second factor was added: in the person's row, the audit and a letter."""
    person = session.get_one(User, actor.user_id)
    person.factor_since = person.factor_since or now
    person.factor_asked_at = None
    record(session, actor, "factor.add", ("user", actor.user_id), now, after={"what": what})
    notify(session, actor.user_id, FACTORS_CHANGED, now, what=f"{what}_added")


def removed(session: Session, actor: Actor | None, user_id: int, what: str, now: datetime) -> None:
    """Note that a second factor went; with the last one the recovery codes go too."""
    if not ways_of(session, user_id).any:
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        session.get_one(User, user_id).factor_since = None
    record(session, actor, "factor.remove", ("user", user_id), now, after={"what": what})
    notify(session, user_id, FACTORS_CHANGED, now, what=f"{what}_removed")


def _use_code(session: Session, row: Authenticator, typed: str, now: datetime) -> bool:
    """Use a code up: of two requests with one code, at the same time or later, one gets True."""
    totp = pyotp.TOTP(secret_of(row))
    step = step_of(totp.generate_otp, digits_of(typed), now, row.last_step)
    if step is None:
        return False
    used = session.execute(
        update(Authenticator)
        .where(Authenticator.id == row.id, Authenticator.last_step < step)
        .values(last_step=step)
        .returning(Authenticator.id)
    )
    return used.scalar_one_or_none() is not None


def _use_recovery_code(session: Session, user_id: int, typed: str, now: datetime) -> bool:
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == token_hash(recovery_code_of(typed)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    ).scalar_one_or_none()
    if used is None:
        return False
    left = ways_of(session, user_id).codes
    after = {"left": left}
    record(session, Actor(user_id), "factor.use_code", ("user", user_id), now, after=after)
    notify(session, user_id, FACTORS_CHANGED, now, what="recovery_used", left=left)
    return True


def _new_codes(session: Session, user_id: int, now: datetime) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [new_code(RECOVERY_CHARACTERS) for _ in range(RECOVERY_CODES)]
    for code in codes:
        session.add(RecoveryCode(user_id=user_id, code_hash=token_hash(code), created_at=now))
    return [shown_code(code) for code in codes]
