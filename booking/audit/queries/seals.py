"""Reads of the chain of seals: its links, its last one, and what is not sealed yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, select, type_coerce
from sqlalchemy.orm import Session

from booking.audit.models import Audit, AuditPersonal, AuditSeal
from booking.audit.rules import NO_HEAD, NO_SEAL, SEALED, Break, Head, Link, first_break
from booking.core.period import from_epoch
from booking.infra.db import BigInt

# Rows get their ids before they are committed, so one may appear below others that are sealed.
# Transactions take well under a second; so many ids later only the look at all of them finds it.
LOOKED_BACK = 20_000
AT_ONCE = 2_000
CHECKED_BY_DOCTOR = 1_000
# A tick a minute: more than this and no scheduler runs, or somebody wrote behind our back.
PATIENCE = timedelta(hours=1)

# Plain values, as they are stored: what is hashed, and quicker to read.
COLUMNS = tuple(
    type_coerce(Audit.at, BigInt) if name == "at" else getattr(Audit, name) for name in SEALED
)
_WIDTH = len(COLUMNS)
_LINKS = (
    select(
        *COLUMNS, AuditSeal.seal_no, AuditSeal.audit_id, AuditSeal.prev_hash, AuditSeal.hash,
        AuditPersonal.salt, AuditPersonal.text,
    )
    .select_from(AuditSeal)
    .outerjoin(Audit, Audit.id == AuditSeal.audit_id)
    .outerjoin(AuditPersonal, AuditPersonal.audit_id == AuditSeal.audit_id)
    .order_by(AuditSeal.seal_no)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking the chain found: how many links held, the last one, the first break."""

    checked: int
    head: Head
    broken: Break | None


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Rows not sealed yet: how many, and since when the oldest waits."""

    count: int
    since: datetime | None


def head_of(session: Session) -> Head:
    """Return the last link. One query."""
    last = select(AuditSeal.seal_no, AuditSeal.hash).order_by(AuditSeal.seal_no.desc()).limit(1)
    row = session.execute(last).one_or_none()
    return Head(row.seal_no, row.hash) if row else Head()


def look_from(session: Session) -> int:
    """Return the id from which unsealed rows are looked for every minute. One query."""
    highest = session.scalar(select(func.max(AuditSeal.audit_id))) or 0
    return max(0, highest - LOOKED_BACK)


def unsealed_rows(
    session: Session, since: int, limit: int = AT_ONCE
) -> Sequence[Sequence[int | str | None]]:
    """Return committed rows above id `since` without a seal, by id, as SEALED. One query."""
    query = _unsealed(select(*COLUMNS), since).order_by(Audit.id).limit(limit)
    return [tuple(row) for row in session.execute(query)]


def unsealed(session: Session, since: int = 0) -> Unsealed:
    """Return what is above id `since` and has no seal. One query, over all rows if 0."""
    query = _unsealed(select(func.count(), func.min(type_coerce(Audit.at, BigInt))), since)
    count, oldest = session.execute(query).one()
    return Unsealed(count, None if oldest is None else from_epoch(oldest))


def verify(session: Session, expected: Head | None = None) -> Verdict:
    """Return whether the whole chain holds, read 2,000 links at a time.

    `expected` is a link that was noted before: without it, who rewrites the end of both tables
    leaves no trace.
    """
    head, broken = first_break(links(session, expected), Head())
    if broken is None and expected is not None and head.seal_no < expected.seal_no:
        broken = Break(expected.seal_no, None, NO_HEAD)
    return Verdict(head.seal_no, head, broken)


def verify_end(session: Session) -> Verdict:
    """Return whether the last 1,000 links hold. Three queries."""
    before = max(0, head_of(session).seal_no - CHECKED_BY_DOCTOR)
    start = Head()
    if before:
        known = session.scalar(select(AuditSeal.hash).where(AuditSeal.seal_no == before))
        if known is None:
            return Verdict(0, start, Break(before, None, NO_SEAL))
        start = Head(before, known)
    head, broken = first_break(_links_after(session, before, CHECKED_BY_DOCTOR), start)
    return Verdict(head.seal_no - before, head, broken)


def complaints_of_seals(session: Session, now: datetime) -> list[str]:
    """Return what is wrong with the last 1,000 links and with what waits for one. Five queries."""
    found, verdict = [], verify_end(session)
    if verdict.broken:
        found.append(f"audit broken at seal {verdict.broken.seal_no}: {verdict.broken.what}")
    waiting = unsealed(session, look_from(session))
    if waiting.since is not None and now - waiting.since > PATIENCE:
        found.append(f"audit rows not sealed for more than an hour: {waiting.count}")
    return found


def links(session: Session, expected: Head | None = None) -> Iterator[Link]:
    """Yield every link in order, 2,000 in memory at a time; end before one that is not `expected`.

    The chain then stops short of it, which is what `verify` looks for.
    """
    after = 0
    while found := _links_after(session, after, AT_ONCE):
        for link in found:
            if expected and link.seal_no == expected.seal_no and link.hash != expected.hash:
                return
            yield link
        after = found[-1].seal_no


def _links_after(session: Session, after: int, limit: int) -> list[Link]:
    rows = session.execute(_LINKS.where(AuditSeal.seal_no > after).limit(limit))
    return [_link(tuple(row)) for row in rows]


def _link(row: tuple[Any, ...]) -> Link:
    sealed, (seal_no, audit_id, prev_hash, hash_, salt, text) = row[:_WIDTH], row[_WIDTH:]
    gone = sealed[0] is None
    kept = None if gone else sealed[SEALED.index("personal_hash")]
    return Link(seal_no, audit_id, prev_hash, hash_, None if gone else sealed, kept, salt, text)


def _unsealed(query: Select[*tuple[Any, ...]], since: int) -> Select[*tuple[Any, ...]]:
    sealed = exists().where(AuditSeal.audit_id == Audit.id)
    return query.select_from(Audit).where(Audit.id > since, ~sealed)
