"""What the ledger of quotas tells: entries added up by the database, and what they leave open.

Left open is what a clock decides (requests past their time), what a change asks for, and what
lasts longer than a day: few reservations, read one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from booking.core.period import CELL_SECONDS, CELLS_A_DAY, Period, from_epoch, to_epoch
from booking.infra.db import is_postgresql, run
from booking.policies.rules.quota_cells import Cells, Piece
from booking.policies.rules.quotas import AHEAD, Quota, fixed_window
from booking.reservations.models import LONG_SECONDS

DAY = 86_400
_ASKED = "SELECT {n} AS i, :quota{n} AS quota, :who{n} AS who, :first{n} AS first, :last{n} AS last"
_ASKED += ", :low{n} AS low, :high{n} AS high, :fine{n} AS fine"
# Whether the ledger has all that is asked for is read with it, so that neither is older.
_SUMS = f"""
SELECT a.i, q.counted_from, min(u.cell), sum(u.n), sum(u.seconds), sum(u.rate), sum(u.moment)
FROM ({{asked}}) AS a JOIN quota AS q ON q.id = a.quota
LEFT JOIN quota_use AS u
  ON u.quota_id = a.quota AND u.who = a.who AND u.cell >= a.first AND u.cell < a.last
GROUP BY a.i, q.counted_from, u.cell / {CELLS_A_DAY}, (u.cell * {CELL_SECONDS} - a.low) / 86400,
  (u.cell * {CELL_SECONDS} - a.high) / 86400, u.cell * a.fine
"""  # noqa: S608 - our own words
_LONG = (
    "SELECT id FROM reservation WHERE {who}_id = :{who} AND end_at > :first"  # noqa: S608
    f" AND end_at - start_at > {LONG_SECONDS} AND start_at + 0 < :last"
)
_NEAR = (
    "SELECT id FROM reservation WHERE {who}_id = :{who} AND start_at > :now AND start_at < :near"
)
_HOLDS = (
    "SELECT reservation_id AS id FROM hold"
    " WHERE released_at IS NULL AND kind = 'pending_move' AND expires_at > :now"
)
_LAPSED = "SELECT id FROM reservation WHERE status = 'pending' AND decide_by <= :now"
# PostgreSQL would expect thousands, and read all reservations to find these few among them.
_FEW = {True: "unnest(ARRAY({})) AS o (id)", False: "({}) AS o"}
# One row at least, for the zone and the totals.
_OPEN = """
SELECT z.*, r.id, r.user_id, r.company_id, r.start_at, r.end_at, r.quantity, r.status,
  r.decide_by, p.id AS pool_id, p.lab_id, p.site_id, p.category_code,
  h.start_at AS asked_start, h.end_at AS asked_end, h.quantity AS asked_quantity
FROM (SELECT (SELECT s.time_zone FROM company AS c JOIN site AS s ON s.id = c.home_site_id
              WHERE c.id = :company) AS zone{totals}) AS z
LEFT JOIN {few} ON 1 = 1
LEFT JOIN reservation AS r ON r.id = o.id AND (r.user_id = :user OR r.company_id = :company)
LEFT JOIN pool AS p ON p.id = r.pool_id
LEFT JOIN hold AS h ON h.reservation_id = r.id AND h.released_at IS NULL
  AND h.kind = 'pending_move' AND h.expires_at > :now
"""


@dataclass(frozen=True, slots=True)
class Use:
    """A reservation, or what a change of it asks for, as far as quotas look."""

    id: int
    start_at: datetime
    end_at: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class Open:
    """A reservation of the person or the company that is looked at by itself.

    `row`: its columns, and those of its pool, by name. `live`: it is no request past its time.
    """

    row: Any
    use: Use
    asked: Use | None
    live: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """What `look` finds: the zone of the company's home, and the totals asked for.

    A total is None where the ledger is not complete.
    """

    zone: str | None
    open: tuple[Open, ...]
    totals: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """What is asked of the ledger: of a quota, for a person or company, in some cells."""

    quota: Quota
    zone: ZoneInfo
    who: int
    cells: Cells

    @property
    def is_one_window(self) -> bool:
        """Return whether all that is asked for is the use of one window, whenever in it."""
        first, last, quota = self.cells.first_day, self.cells.last_day, self.quota
        if quota.period == "future":
            return True
        return quota.hours is None and (first, last) == fixed_window(quota, first)

    @property
    def amount(self) -> str:
        """Return which sum it is that a total needs."""
        return f"{'coming ' if self.quota.period == 'future' else ''}{self.quota.measure}"

    @property
    def first_day(self) -> date:
        """Return the day that stands for the window."""
        return AHEAD if self.quota.period == "future" else self.cells.first_day


def sums(session: Session, asked: Sequence[Sum]) -> list[list[Piece] | None]:
    """Return what the ledger has for each of these; None where it is not complete. One query."""
    given: dict[str, int] = {}
    for n, one in enumerate(asked):
        low, high = one.cells.remainders or (0, 0)
        given |= {
            f"quota{n}": one.quota.quota_id, f"who{n}": one.who, f"first{n}": one.cells.first,
            f"last{n}": one.cells.last, f"low{n}": low, f"high{n}": high,
            f"fine{n}": int(one.cells.remainders is None),
        }  # fmt: skip
    found: list[list[Piece] | None] = [None] * len(asked)
    for i, counted_from, cell, *figures in run(session, _statement(len(asked)), given):
        if counted_from is None or counted_from > asked[i].cells.first * CELL_SECONDS:
            continue
        pieces = found[i] = found[i] or []
        if cell is not None:
            pieces.append(Piece(cell, *map(int, figures)))
    return found


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked for: of these quotas' person or company, and beside which reservation.

    `within`: where what lasts longer than a day is looked for.
    """

    quotas: tuple[Quota, ...]
    person_id: int | None
    company_id: int | None
    besides: int | None
    within: Period
    now: datetime

    @property
    def branches(self) -> tuple[str, ...]:
        """Return the queries for reservations that the ledger leaves open."""
        whose = sorted({"user" if q.subject == "person" else "company" for q in self.quotas})
        lasting = any(q.measure == "minutes" and q.period != "future" for q in self.quotas)
        coming = any(q.period == "future" for q in self.quotas)
        return (
            _HOLDS, _LAPSED,
            *(("SELECT :besides AS id",) if self.besides is not None else ()),
            *(_LONG.format(who=who) for who in whose if lasting),
            *(_NEAR.format(who=who) for who in whose if coming),
        )  # fmt: skip

    def covers(self, other: "Look") -> bool:
        """Return whether whoever looks for this finds what `other` looks for."""
        return self.within.contains(other.within) and {*other.branches} <= {*self.branches}

    def and_also(self, other: "Look") -> "Look":
        """Return what finds both."""
        within = Period(
            min(self.within.start, other.within.start), max(self.within.end, other.within.end)
        )
        return replace(self, quotas=(*self.quotas, *other.quotas), within=within)


def look(session: Session, wanted: Look, asked: Sequence[Sum] = ()) -> Looked:
    """Return what has to be looked at by itself, and the totals of `asked`, one window each.

    One query.
    """
    second, within = to_epoch(wanted.now), wanted.within
    given = {
        "user": wanted.person_id or 0, "company": wanted.company_id or 0,
        "besides": wanted.besides or 0, "now": second,
        "first": to_epoch(within.start), "last": to_epoch(within.end),
        "near": (second // CELL_SECONDS + 1) * CELL_SECONDS,
    }  # fmt: skip
    for n, one in enumerate(asked):
        given |= {f"quota{n}": one.quota.quota_id, f"who{n}": one.who}
        given[f"first{n}"] = one.cells.first
        if one.cells.midnights:
            given |= {f"begin{n}": one.cells.midnights[0], f"end{n}": one.cells.midnights[-1]}
    amounts = tuple(one.amount for one in asked)
    statement, names = _look(amounts, wanted.branches, _FEW[is_postgresql(session)])
    rows = run(session, statement, {name: given[name] for name in names}).all()
    head = rows[0]
    totals = zip(asked, head[1 : 2 * len(asked) : 2], head[2 : 2 * len(asked) + 1 : 2], strict=True)
    return Looked(
        head.zone,
        tuple(_open(row, second) for row in rows if row.id is not None),
        tuple(
            int(total) if since is not None and since <= one.cells.first * CELL_SECONDS else None
            for one, since, total in totals
        ),
    )


def _open(row: Any, second: int) -> Open:
    asked = None
    if row.asked_start is not None:
        asked = _use(row.id, row.asked_start, row.asked_end, row.asked_quantity)
    use = _use(row.id, row.start_at, row.end_at, row.quantity)
    return Open(row, use, asked, live=row.status != "pending" or row.decide_by > second)


def _use(reservation_id: int, start: int, end: int, quantity: int) -> Use:
    return Use(reservation_id, from_epoch(start), from_epoch(end), quantity)


@lru_cache(maxsize=64)
def _statement(count: int) -> TextClause:
    return text(_SUMS.format(asked=" UNION ALL ".join(_ASKED.format(n=n) for n in range(count))))


@lru_cache(maxsize=256)
def _look(
    amounts: tuple[str, ...], branches: tuple[str, ...], few: str
) -> tuple[TextClause, frozenset[str]]:
    """Return the statement and the names of its parameters."""
    totals = (
        f", (SELECT counted_from FROM quota WHERE id = :quota{n}) AS from{n}, "  # noqa: S608
        f"{_amount(amount, n)} AS total{n}"
        for n, amount in enumerate(amounts)
    )
    left_open = few.format(" UNION ".join(branches))
    statement = text(_OPEN.format(totals="".join(totals), few=left_open))
    return statement, frozenset(statement.compile().params)


def _amount(amount: str, n: int) -> str:
    """Return the use of one window, or of what is to come, as one number.

    Whole days of UTC, and parts of those at the ends: some 50 cells, a tenth of the time of all.
    """
    if amount.startswith("coming"):
        what = "sum(seconds)" if amount == "coming minutes" else "sum(n)"
        day = f"(:first{n} / {CELLS_A_DAY} + 1)"
        rest = f"cell >= :first{n} AND cell < {day} * {CELLS_A_DAY}"
        return f"{_sum(what, n, rest)} + {_sum(what, n, f'cell <= -{day}')}"
    begin, end = f":begin{n}", f":end{n}"
    days = f"cell > -({end} / {DAY}) AND cell <= -({begin} / {DAY})"
    whole, part = ("-sum(moment)", "sum(rate) * {at} - sum(moment)")
    if amount == "count":
        whole = part = "sum(n)"
    since = f"cell >= {{at}} / {DAY} * {CELLS_A_DAY} AND cell < {{at}} / {CELL_SECONDS}"
    last, first = (_sum(part.format(at=at), n, since.format(at=at)) for at in (end, begin))
    return f"{_sum(whole, n, days)} + {last} - {first}"


def _sum(what: str, n: int, cells: str) -> str:
    of = f"quota_id = :quota{n} AND who = :who{n} AND {cells}"
    return f"coalesce((SELECT {what} FROM quota_use WHERE {of}), 0)"  # noqa: S608 - our own words
