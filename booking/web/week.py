"""A week of a pool or unit as templates/macros/week.html wants it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import format_date, gettext

from booking.core.local import midnight
from booking.core.period import Period
from booking.policies.rules.shading import bookable_spans
from booking.reservations.queries.asking import Asked
from booking.reservations.rules.slots import UnitFacts
from booking.reservations.rules.week import Cell, week
from booking.web.locale import current

DAYS = 7
FURTHEST = timedelta(days=400)  # how far back or ahead one can leaf
# Shown of pools open longer than this, unless all hours are asked for: nights make a week too long.
USUAL_HOURS = range(7, 22)


@dataclass(frozen=True, slots=True)
class Day:
    """A column's heading."""

    label: str
    date: str
    iso: str
    today: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """A cell; `label` is its whole sentence, `url` books it."""

    state: str
    free_count: int
    total: int
    url: str | None
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An hour across the days."""

    label: str
    half: bool
    cells: list[Slot]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days by their open hours."""

    title: str
    prev_url: str | None
    next_url: str | None
    today_url: str | None
    days: list[Day]
    rows: list[Row]
    more_hours: bool = False  # some open hours are left out


def first_day(asked: str | None, zone: ZoneInfo, now: datetime) -> date:
    """Return the day a week begins with: the one asked for (ISO), else today; bounded."""
    today = now.astimezone(zone).date()
    try:
        day = date.fromisoformat((asked or "")[:10])
    except ValueError:
        return today
    return min(max(day, today - FURTHEST), today + FURTHEST)


def window(first: date, zone: ZoneInfo) -> Period:
    """Return the instants of the seven days from `first` on."""
    return Period(midnight(first, zone), midnight(first + timedelta(days=DAYS), zone))


def week_of(
    asked: Asked,
    units: Sequence[UnitFacts],
    busy: Mapping[int, Sequence[Period]],
    first: date,
    *,
    all_hours: bool,
    slot_url: Callable[[Period], str],
    page_url: Callable[[date | None], str],
) -> Week:
    """Return seven days from `first` on; `busy` holds the units' blocks of `window(first)`."""
    pool, now = asked.pool, asked.proposal.now
    days = [first + timedelta(days=n) for n in range(DAYS)]
    spans = bookable_spans(asked.rules, asked.proposal, window(first, pool.zone))
    rows = week(days, pool.zone, units, busy, spans, now)
    usual = [row for row in rows if row[0] in USUAL_HOURS]
    shown = rows if all_hours or not usual else usual
    today = now.astimezone(pool.zone).date()
    return Week(
        title=days_title(days),
        prev_url=page_url(first - timedelta(days=DAYS)) if first > today - FURTHEST else None,
        next_url=page_url(first + timedelta(days=DAYS)) if first < today + FURTHEST else None,
        today_url=page_url(None) if first != today else None,
        days=[_day(day, today) for day in days],
        rows=[
            Row(f"{hour:02d}:00", half=False, cells=[
                _slot(cell, day, hour, slot_url) for cell, day in zip(cells, days, strict=True)
            ])
            for hour, cells in shown
        ],
        more_hours=len(shown) < len(rows),
    )  # fmt: skip


def _slot(cell: Cell, day: date, hour: int, slot_url: Callable[[Period], str]) -> Slot:
    bookable = cell.state in {"free", "partly"} and cell.period is not None
    return Slot(
        state=cell.state,
        free_count=cell.free,
        total=cell.total,
        url=slot_url(cell.period) if bookable and cell.period else None,
        label=gettext(
            "%(day)s, %(hour)s: %(state)s",
            day=_day_text(day), hour=f"{hour:02d}:00", state=_state_text(cell),
        ),
    )  # fmt: skip


def _state_text(cell: Cell) -> str:
    if cell.state == "closed":
        return gettext("closed")
    if cell.state == "past":
        return gettext("past")
    if cell.total == 1:
        return gettext("free") if cell.free else gettext("taken")
    return gettext("%(free)s of %(total)s free", free=cell.free, total=cell.total)


def _day(day: date, today: date) -> Day:
    label = format_date(day, "EEE")
    return Day(label, format_date(day, "M-d" if _chinese() else "d"), day.isoformat(), day == today)


def _day_text(day: date) -> str:
    return str(format_date(day, "M月d日 EEE" if _chinese() else "EEE d MMM"))


def days_title(days: Sequence[date]) -> str:
    """Return the first and the last of some days, such as 24–30 Nov 2025."""
    first, last = days[0], days[-1]
    if _chinese():
        return f"{format_date(first, 'y年M月d日')}–{format_date(last, 'M月d日')}"
    if first.month == last.month:
        return f"{first.day}–{format_date(last, 'd MMM y')}"
    return f"{format_date(first, 'd MMM')} – {format_date(last, 'd MMM y')}"


def _chinese() -> bool:
    return current() != "en"
