"""Ledgers of quotas: which are not complete yet, and what they lack of what they should say."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from booking.core.period import CELL_SECONDS, from_epoch, to_epoch
from booking.infra import quota_use
from booking.infra.db import run
from booking.policies.models import QuotaRow
from booking.policies.queries.book import current_book

DAY = timedelta(days=1)
LONGEST_WINDOW, KEPT_BACK = 31, 35  # days
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
# What reservations say less what the ledger says, of the cells from `since` on.
LACKING = f"""
SELECT who, cell, {_SUMS} FROM (
  SELECT {_R["who"]} AS who, {_R["cell"]} AS cell, {_FIGURES}
  FROM quota AS q JOIN reservation AS r ON r.start_at >= :since - 86400
  JOIN pool AS p ON p.id = r.pool_id CROSS JOIN {quota_use.EVENTS} AS e
  WHERE q.id = :quota AND {quota_use.IN_SCOPE} AND {_R["counts"]} AND {_R["happens"]}
  UNION ALL
  SELECT who, cell, {", ".join(f"-{name}" for name in quota_use.NAMES)}
  FROM quota_use WHERE quota_id = :quota
) AS both_sides
WHERE who IS NOT NULL AND (cell >= :since / {CELL_SECONDS} OR cell <= -(:since / 86400))
GROUP BY who, cell HAVING {_SOME}
"""  # noqa: S608 - our own words
_WRONG = text(f"SELECT 1 FROM ({LACKING} LIMIT 1) AS found")  # noqa: S608 - our own words


def kept_from(row: QuotaRow, now: datetime) -> datetime:
    """Return from when on a quota's ledger is to be complete: a midnight of UTC."""
    back = now - DAY * (max(row.rolling_days, LONGEST_WINDOW) + KEPT_BACK)
    return from_epoch(to_epoch(back) // 86_400 * 86_400)


def uncounted(session: Session) -> list[int]:
    """Return the quotas whose ledger is not complete, those of which one is kept. One query."""
    told = or_(
        QuotaRow.hours.is_(None), (QuotaRow.measure == "minutes") & (QuotaRow.period != "future")
    )
    query = select(QuotaRow.id).where(
        QuotaRow.retired_at.is_(None), QuotaRow.counted_from.is_(None), told
    )
    return list(session.scalars(query.order_by(QuotaRow.id)))


def codes_of(session: Session, row: QuotaRow) -> str | None:
    """Return the codes of a quota of a class, each between spaces; None for others."""
    if row.scope_kind != "category":
        return None
    codes: Collection[str] = current_book(session).below(row.scope_key)
    return "".join(f" {code} " for code in sorted(codes))


def untrue(session: Session, _now: datetime) -> list[int]:
    """Return the quotas whose ledger does not say what their reservations do."""
    rows = session.execute(
        select(QuotaRow.id, QuotaRow.counted_from)
        .where(QuotaRow.retired_at.is_(None), QuotaRow.counted_from.is_not(None))
        .order_by(QuotaRow.id)
    ).all()
    return [
        row.id
        for row in rows
        if run(session, _WRONG, {"quota": row.id, "since": to_epoch(row.counted_from)}).first()
    ]
