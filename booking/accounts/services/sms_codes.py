"""Codes sent by SMS: to sign in, and to prove a mobile number.

A code has six digits, so it is kept as a keyed hash, and five tries in five minutes end it. What is
written is the same for an account that is here and one that is not, but for the message itself,
which a job sends later.
"""

import hmac
import json
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.accounts.models import Mobile, SmsCode
from booking.accounts.queries.mobiles import mobile_behind
from booking.accounts.services.notices import WAYS_CHANGED, notify
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import WrongState
from booking.infra.db import savepoint
from booking.infra.outbox import Message, enqueue
from booking.infra.secret import keyed_hash, new_token

SIGN_IN, VERIFY = "sign_in", "verify"
SMS_CODE = "sms_code"
DIGITS, MINUTES, MOST_TRIES = 6, 5, 5


def ask_code(session: Session, account: str, now: datetime) -> None:
    """Send a code to sign in with to the person behind a number or address, if there is one."""
    found = mobile_behind(session, account)
    user_id, number = found if found is not None else (None, None)
    _make(session, SIGN_IN, account, user_id, number, now)


def ask_proof(session: Session, actor: Actor, number: str, now: datetime) -> None:
    """Send a code to a number that the actor says is theirs."""
    _make(session, VERIFY, _proof_of(actor, number), actor.user_id, number, now)


def take_code(session: Session, account: str, code: str, now: datetime) -> int | None:
    """Return whose sign-in code this is and use it up; None when it is wrong, which counts a try.

    It does not raise: what it counts must be kept.
    """
    return _take(session, SIGN_IN, account, code, now)


def prove_number(session: Session, actor: Actor, number: str, code: str, now: datetime) -> bool:
    """Give the actor the number this code was sent to, instead of another; False: a wrong code.

    Raises WrongState("number_taken") when somebody else has it, who then keeps it.
    """
    if _take(session, VERIFY, _proof_of(actor, number), code, now) != actor.user_id:
        return False
    holder = session.scalars(select(Mobile).where(Mobile.number == number)).one_or_none()
    if holder is not None and holder.user_id != actor.user_id:
        raise WrongState("number_taken")
    if holder is None:
        session.execute(delete(Mobile).where(Mobile.user_id == actor.user_id))
        row = {"user_id": actor.user_id, "number": number, "verified_at": now}
        try:
            with savepoint(session):
                session.execute(insert(Mobile).values(row))
        except IntegrityError:
            raise WrongState("number_taken") from None
        record(session, actor, "mobile.verify", ("user", actor.user_id), now)
        notify(session, actor.user_id, WAYS_CHANGED, now, what="mobile_proven")
    return True


def forget_codes(session: Session, now: datetime) -> None:
    """Delete the codes that are over; for a job."""
    session.execute(delete(SmsCode).where(SmsCode.expires_at <= now))


def _make(
    session: Session, purpose: str, account: str, user_id: int | None, number: str | None,
    now: datetime,
) -> None:  # fmt: skip
    session.execute(delete(SmsCode).where(SmsCode.account == account, SmsCode.purpose == purpose))
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    ends = now + timedelta(minutes=MINUTES)
    session.add(
        SmsCode(
            purpose=purpose, account=account, user_id=user_id, created_at=now, expires_at=ends,
            code_hash=_hash(purpose, account, code),
        )
    )  # fmt: skip
    if user_id is None or number is None:
        return
    about = f"user:{user_id}"
    message = Message(
        dedupe_key=f"{about}:{SMS_CODE}:{new_token()}", kind=SMS_CODE, recipient_id=user_id,
        subject_ref=about, due_at=now, useful_until=ends, channel="sms",
        parameters=json.dumps({"code": code, "to": number}),
    )  # fmt: skip
    enqueue(session, [message], now)


def _take(session: Session, purpose: str, account: str, code: str, now: datetime) -> int | None:
    row = session.scalars(
        select(SmsCode)
        .where(SmsCode.account == account, SmsCode.purpose == purpose)
        .order_by(SmsCode.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    given = _hash(purpose, account, "".join(code.split()))
    if row is None or row.expires_at <= now or row.tries >= MOST_TRIES:
        return None
    row.tries += 1
    if not hmac.compare_digest(row.code_hash, given) or row.user_id is None:
        return None
    session.delete(row)
    return row.user_id


def _proof_of(actor: Actor, number: str) -> str:
    """Return what a proof is kept under: a code sent for one person proves nothing of another."""
    return f"{actor.user_id} {number}"


def _hash(purpose: str, account: str, code: str) -> str:
    return keyed_hash(f"{purpose} {account} {code}", "sms-code")
