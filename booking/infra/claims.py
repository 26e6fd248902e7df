"""Claims of outbox rows: who sends what now, and how a try ended.

Times are the database's. A claim is a lease: when its process dies, the row is due again at the
lease's end, so a message may be sent twice (with the same Message-ID) and is never lost.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CTE, Select, case, exists, or_, select, update
from sqlalchemy.orm import Session

from booking.infra.clock import db_now
from booking.infra.outbox import CLAIMED, DEAD, MISSED, PENDING, SENT, VOID, Outbox

# Short, because a row whose process died waits that long; long enough for one slow send.
LEASE_SECONDS = 45
# With the delays below the tenth try is about three and a half hours after the first.
MOST_ATTEMPTS = 10
FIRST_DELAY_SECONDS = 60
LONGEST_DELAY_SECONDS = 3000  # an hour with the jitter
JITTER = 0.2
# Rows given up in one claim: after a long standstill there may be very many.
MOST_GIVEN_UP = 1000
LONGEST_ERROR = 500
SENDER_DIED = "the sending process died each time"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row this process may send until its lease ends; `attempts` counts this one."""

    id: int
    dedupe_key: str
    kind: str
    recipient_id: int
    channel: str
    subject_ref: str
    parameters: str
    attempts: int
    token: str


def any_due(session: Session) -> bool:
    """Return whether a claim would find something; a plain read of one index entry."""
    return bool(session.scalar(select(exists().where(Outbox.next_try_at <= db_now(session)))))


def claim(session: Session, limit: int, lease_seconds: int = LEASE_SECONDS) -> list[Claimed]:
    """Claim at most `limit` due rows for this process, the longest due first.

    Rows whose use is over become missed, rows that killed every process that tried them dead.
    Two statements; processes that claim at the same time get different rows.
    """
    now = db_now(session)
    _give_up(session, now)
    until, token = now + timedelta(seconds=lease_seconds), secrets.token_hex(8)
    due = _locked(
        _due(now).where(or_(Outbox.useful_until.is_(None), Outbox.useful_until > now)), limit
    )
    rows = session.execute(
        update(Outbox)
        .where(Outbox.id.in_(select(due.c.id)))
        .values(
            state=CLAIMED,
            claim_token=token,
            claimed_until=until,
            next_try_at=until,
            attempts=Outbox.attempts + 1,
        )
        .returning(
            Outbox.due_at,
            Outbox.id,
            Outbox.dedupe_key,
            Outbox.kind,
            Outbox.recipient_id,
            Outbox.channel,
            Outbox.subject_ref,
            Outbox.parameters,
            Outbox.attempts,
            Outbox.claim_token,
        )
        .execution_options(synchronize_session=False)
    ).all()
    return [Claimed(*tuple(row)[1:]) for row in sorted(rows, key=lambda row: (row.due_at, row.id))]


def mark_sent(session: Session, claimed: Claimed, *, forget_parameters: bool = False) -> None:
    """Note that the message went out, even if the lease has run out or it was voided meanwhile.

    A later try of another process is then stopped or harmless; a voided row stays void and tells
    by `sent_at` that it was too late. `forget_parameters` empties what must not be kept.
    """
    values = {"parameters": "{}"} if forget_parameters else {}
    session.execute(
        update(Outbox)
        .where(Outbox.id == claimed.id)
        .values(
            state=case((Outbox.state == VOID, VOID), else_=SENT),
            sent_at=db_now(session),
            next_try_at=None,
            claimed_until=None,
            error=None,
            **values,
        )
        .execution_options(synchronize_session=False)
    )


def mark_failed(session: Session, claimed: Claimed, error: str, jitter: float) -> None:
    """Plan the next try, or give up after the tenth; nothing if the claim is no longer ours."""
    if claimed.attempts >= MOST_ATTEMPTS:
        _end_claim(session, claimed, DEAD, None, error)
    else:
        again = db_now(session) + retry_delay(claimed.attempts, jitter)
        _end_claim(session, claimed, PENDING, again, error)


def mark_void(session: Session, claimed: Claimed, reason: str) -> None:
    """Note that there is nothing to send; nothing if the claim is no longer ours."""
    _end_claim(session, claimed, VOID, None, reason)


def release(session: Session, claims: list[Claimed]) -> None:
    """Give back rows of one claim that were not tried, due at once; only those still ours."""
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_([c.id for c in claims]))
        .where(Outbox.claim_token == claims[0].token, Outbox.state == CLAIMED)
        .values(
            state=PENDING,
            next_try_at=db_now(session),
            claimed_until=None,
            attempts=Outbox.attempts - 1,
        )
        .execution_options(synchronize_session=False)
    )


def send_again(session: Session, outbox_id: int) -> bool:
    """Make a dead or missed row due now with all its tries back; return whether it was one."""
    row = session.execute(
        update(Outbox)
        .where(Outbox.id == outbox_id, Outbox.state.in_((DEAD, MISSED)))
        .values(state=PENDING, attempts=0, next_try_at=db_now(session), useful_until=None)
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return row is not None


def void_failed(session: Session, outbox_id: int) -> bool:
    """Void a dead or missed row, another taking its place; return whether it was one."""
    row = session.execute(
        update(Outbox)
        .where(Outbox.id == outbox_id, Outbox.state.in_((DEAD, MISSED)))
        .values(state=VOID)
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return row is not None


def retry_delay(attempts: int, jitter: float) -> timedelta:
    """Return the wait after the `attempts`th failure: doubling, 1 minute to 1 hour.

    `jitter` in [0, 1) spreads what failed together.

    >>> [retry_delay(n, 0).seconds // 60 for n in (1, 2, 3, 6, 7, 9)]
    [1, 2, 4, 32, 50, 50]
    """
    seconds = min(FIRST_DELAY_SECONDS * 2 ** (attempts - 1), LONGEST_DELAY_SECONDS)
    return timedelta(seconds=seconds * (1 + JITTER * jitter))


def _give_up(session: Session, now: datetime) -> None:
    over = Outbox.useful_until <= now
    died = Outbox.attempts >= MOST_ATTEMPTS  # a try that ended with a mark is not due any more
    rows = _locked(_due(now).where(or_(over, died)), MOST_GIVEN_UP)
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_(select(rows.c.id)))
        .values(
            state=case((over, MISSED), else_=DEAD),
            next_try_at=None,
            claimed_until=None,
            error=case((over, Outbox.error), else_=SENDER_DIED),
        )
        .execution_options(synchronize_session=False)
    )


def _end_claim(
    session: Session, claimed: Claimed, state: str, again: datetime | None, error: str
) -> None:
    session.execute(
        update(Outbox)
        .where(Outbox.id == claimed.id)
        .where(Outbox.claim_token == claimed.token, Outbox.state == CLAIMED)
        .values(state=state, next_try_at=again, claimed_until=None, error=error[:LONGEST_ERROR])
        .execution_options(synchronize_session=False)
    )


def _due(now: datetime) -> Select[int]:
    return select(Outbox.id).where(Outbox.next_try_at <= now)


def _locked(rows: Select[int], limit: int) -> CTE:
    """Return the first rows as a CTE, those that others hold left out.

    SQLite has no row locks: its one write lock is held already. PostgreSQL would be free to run
    a plain subquery with LIMIT more than once; a CTE that locks is run once.
    """
    ordered = rows.order_by(Outbox.next_try_at, Outbox.id).limit(limit)
    return ordered.with_for_update(skip_locked=True).cte("chosen")
