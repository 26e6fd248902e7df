"""Ledgers of quotas: which are not complete yet, and what they lack of what they should say."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Company
from booking.core.period import CELL_SECONDS, from_epoch, to_epoch
from booking.infra import quota_use
from booking.infra.db import run
from booking.policies.models import QuotaRow
from booking.policies.queries.book import current_book
from booking.reservations.queries.spending_rows import WINDOW_DAYS

DAY = timedelta(days=1)
KEPT_BACK = 35  # days
# A ledger that is being completed counts from after all time.
NOT_YET = datetime(9000, 1, 1, tzinfo=UTC)
_R = {name: word.format(r="r") for name, word in {
    "who": quota_use.WHO, "counts": quota_use.COUNTS, "happens": quota_use.HAPPENS,
    "cell": quota_use.CELL_OF,
}.items()}  # fmt: skip
_FIGURES = ", ".join(
    f"{word.format(r='r')} AS {name}"
    for name, word in zip(quota_use.NAMES, quota_use.FIGURES, strict=True)
)
_SUMS = ", ".join(f"sum({name}) AS {name}" for name in quota_use.NAMES)
_SOME = " OR ".join(f"sum({name}) <> 0" for name in quota_use.NAMES)
_LACKING = f"""
SELECT who, cell, {_SUMS} FROM (
  SELECT {_R["who"]} AS who, {_R["cell"]} AS cell, {_FIGURES}
  FROM quota AS q JOIN reservation AS r
    ON r.start_at >= :since - 86400 AND r.{{who}}_id > :after AND r.{{who}}_id <= :until
  JOIN pool AS p ON p.id = r.pool_id CROSS JOIN {quota_use.EVENTS} AS e
  WHERE q.id = :quota AND {quota_use.IN_SCOPE} AND {_R["counts"]} AND {_R["happens"]}
  UNION ALL
  SELECT who, cell, {", ".join(f"-{name}" for name in quota_use.NAMES)}
  FROM quota_use WHERE quota_id = :quota AND who > :after AND who <= :until
) AS both_sides
WHERE cell >= :since / {CELL_SECONDS} OR cell <= -(:since / 86400)
GROUP BY who, cell HAVING {_SOME}
"""  # noqa: S608 - our own words
# By whom a quota is for: what reservations say less what the ledger says, of the cells from `since`
# on and of those after one and up to another.
LACKING = {"person": _LACKING.format(who="user"), "company": _LACKING.format(who="company")}
_WRONG = {
    subject: text(f"SELECT 1 FROM ({lacking} LIMIT 1) AS found")  # noqa: S608 - our own words
    for subject, lacking in LACKING.items()
}
_IDS: dict[str, Any] = {"person": User.id, "company": Company.id}
EVERYBODY = {"after": 0, "until": 2**62}


def kept_from(row: QuotaRow, now: datetime) -> datetime:
    """Return from when on a quota's ledger is to be complete: a midnight of UTC."""
    back = now - DAY * (max(row.rolling_days, *WINDOW_DAYS.values()) + KEPT_BACK)
    return from_epoch(to_epoch(back) // 86_400 * 86_400)


def uncounted(session: Session) -> list[int]:
    """Return the quotas whose ledger is not complete, those of which one is kept. One query."""
    told = or_(
        QuotaRow.hours.is_(None), (QuotaRow.measure == "minutes") & (QuotaRow.period != "future")
    )
    query = select(QuotaRow.id).where(
        QuotaRow.retired_at.is_(None), told,
        or_(QuotaRow.counted_from.is_(None), QuotaRow.counted_from >= NOT_YET),
    )  # fmt: skip
    return list(session.scalars(query.order_by(QuotaRow.id)))


def next_ids(session: Session, subject: str, after: int, most: int) -> int | None:
    """Return the last of the next ids of people or companies; None when there are no more."""
    ids = _IDS[subject]
    some = select(ids.label("id")).where(ids > after).order_by(ids).limit(most).subquery()
    return session.scalar(select(func.max(some.c.id)))


def codes_of(session: Session, row: QuotaRow) -> str | None:
    """Return the codes of a quota of a class, each between spaces; None for others."""
    if row.scope_kind != "category":
        return None
    codes: Collection[str] = current_book(session).below(row.scope_key)
    return "".join(f" {code} " for code in sorted(codes))


def untrue(session: Session, _now: datetime) -> list[int]:
    """Return the quotas whose ledger does not say what their reservations do."""
    counted = QuotaRow.counted_from < NOT_YET
    rows = session.scalars(
        select(QuotaRow).where(QuotaRow.retired_at.is_(None), counted).order_by(QuotaRow.id)
    )
    return [row.id for row in rows if _is_wrong(session, row)]


def _is_wrong(session: Session, row: QuotaRow) -> bool:
    since = to_epoch(row.counted_from) if row.counted_from else 0
    asked = {"quota": row.id, "since": since, **EVERYBODY}
    return run(session, _WRONG[row.subject], asked).first() is not None
