"""The calendar as lists and tables: for readers without a script, on a phone and on paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import format_date
from flask_babel import gettext as _

from booking.board.queries.lanes import Lane
from booking.board.rules.calendar import DayFree, day_free, free_of, reach
from booking.board.rules.lanes import Held
from booking.board.views import words
from booking.board.views.calendar_answers import Shown, day_url, why_text
from booking.core.local import local_text
from booking.core.period import Period, from_epoch, intersect
from booking.reservations.rules.week import Cell
from booking.web.formats import clock_text, day_text
from booking.web.locale import current

Entry = dict[str, Any]
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A cell of a month; `own` are the reader's reservations that begin on it."""

    day: date
    inside: bool
    today: bool
    free: DayFree
    url: str
    words: str
    why: str
    own: tuple[tuple[str, str], ...]  # text, address


def agenda(at: Shown) -> list[tuple[str, str, list[Entry]]]:
    """Return (day in words, its address, its entries in order) for each day from today on."""
    today = at.now.astimezone(at.pool.zone).date()
    return [
        (day_text(day.isoformat()), day_url(at, day), sorted(_entries(at, day, of), key=_order))
        for day, of in zip(at.frame.days, at.frame.periods, strict=True)
        if day >= today
    ]


def reasons(at: Shown) -> list[str]:
    """Return each reason why something shown cannot be booked, once, in order."""
    return list(dict.fromkeys(why_text(at, shade) for shade in at.shades))


def unit_rows(at: Shown) -> list[Entry]:
    """Return each unit of a day: what holds it and what is free of it."""
    return [_unit_row(at, lane) for lane in at.found.lanes]


def month(at: Shown) -> list[list[MonthDay]]:
    """Return the weeks of a month, Monday first."""
    days = [
        _month_day(at, day, of) for day, of in zip(at.frame.days, at.frame.periods, strict=True)
    ]
    return [days[n : n + 7] for n in range(0, len(days), 7)]


def _entries(at: Shown, day: date, of: Period) -> Iterator[Entry]:
    held = at.found.own if at.any_unit else at.found.held.get(_only(at), [])
    for one in held:
        if one.period.overlaps(of):
            told = words.held_answer(one, at.pool.zone)
            kind = "own" if one.own else "held"
            yield _entry(at, of, one.period, kind, told["title"], told["more"], told.get("url"))
    for part in intersect([of], at.free):
        title = _count(at.hours[day], part) or _("free")
        yield _entry(at, of, part, "free", title, url=_book(at, part))
    if at.any_unit:
        for part in intersect(intersect([of], at.found.spans), at.taken):
            if part.end > at.now:
                yield _entry(at, of, part, "held", _("all taken"))
    said: set[str] = set()
    for shade in at.shades:
        if of.contains(shade.period):
            why = why_text(at, shade)
            once = "" if why in said else why
            said.add(why)
            yield _entry(at, of, shade.period, "shut", _("closed to you"), once)


def _entry(
    at: Shown,
    of: Period,
    period: Period,
    kind: str,
    title: str,
    more: str = "",
    url: str | None = None,
) -> Entry:
    start, end = max(period.start, of.start), min(period.end, of.end)
    until = "24:00" if end == of.end else clock_text(end, at.pool.zone)
    return {
        "kind": kind, "title": title, "more": more, "url": url, "start": start,
        "when": f"{clock_text(start, at.pool.zone)}–{until}",
    }  # fmt: skip


def _order(entry: Entry) -> tuple[datetime, bool]:
    return entry["start"], entry["kind"] != "own"


def _count(cells: Sequence[Cell], part: Period) -> str:
    """Return how many units are free in a stretch: all through it, and at best."""
    counts = [c.free for c in cells if c.period is not None and part.overlaps(c.period) and c.total]
    total = max((c.total for c in cells), default=0)
    if total < 2 or not counts:
        return ""
    least, most = max(min(counts), 1), max(*counts, 1)
    if least == most:
        return _("%(free)s of %(total)s free", free=most, total=total)
    return _("%(least)s to %(most)s of %(total)s free", least=least, most=most, total=total)


def _book(at: Shown, part: Period) -> str:
    start = from_epoch(-(-words.seconds(part.start) // 60) * 60)
    return reserve_url(at, local_text(start, at.pool.zone))


def reserve_url(at: Shown, start: str, end: str | None = None) -> str:
    """Return the booking form's address for local times: of the unit shown, else of any."""
    if at.any_unit:
        return url_for("reservations.new", pool_id=at.pool.pool_id, start=start, end=end)
    return url_for("reservations.new", unit_id=_only(at), start=start, end=end)


def _only(at: Shown) -> int:
    return at.found.lanes[0].unit_id if at.found.lanes else 0


def _unit_row(at: Shown, lane: Lane) -> Entry:
    held, unit = at.found.held.get(lane.unit_id, []), at.found.units.get(lane.unit_id)
    free = free_of(at.found.spans, reach(unit, [one.block for one in held]), at.now) if unit else []
    shown = words.lane_answer(at.actor, lane)
    return {
        "name": shown["name"], "url": shown["url"], "state": shown["state"],
        "held": [_held(one, at) for one in held if one.period.overlaps(at.frame.period)],
        "free": [(part, words.book_url(lane, part, at.pool.zone)) for part in free],
    }  # fmt: skip


def _held(one: Held, at: Shown) -> Entry:
    return words.held_answer(one, at.pool.zone)


def _month_day(at: Shown, day: date, of: Period) -> MonthDay:
    free = day_free(day, at.hours[day], intersect([of], at.free))
    own = tuple(
        (clock_text(one.period.start, at.pool.zone), _own_url(one))
        for one in at.found.own if of.start <= one.period.start < of.end
    )  # fmt: skip
    return MonthDay(
        day, day.month == at.frame.day.month, day == at.now.astimezone(at.pool.zone).date(), free,
        day_url(at, day), _month_words(free, len(at.units)),
        _why_closed(at, of) if free.state == "closed" else "", own,
    )  # fmt: skip


def _why_closed(at: Shown, of: Period) -> str:
    """Return why a day cannot be booked: why its noon cannot."""
    noon = of.start + of.length / 2
    found = at.found.shaded([Period(noon, noon + HALF_HOUR)])
    return " ".join(dict.fromkeys(why_text(at, shade) for shade in found))


def _own_url(one: Held) -> str:
    return url_for("reservations.show", reservation_id=one.reservation_id)


def _month_words(free: DayFree, units: int) -> str:
    if free.state in {"free", "partly"} and units > 1:
        return _(
            "%(hours)s h free, up to %(best)s of %(total)s",
            hours=f"{free.hours:g}",
            best=free.best,
            total=units,
        )
    said = {"closed": _("closed"), "past": _("past"), "busy": _("taken")}
    return said.get(free.state) or _("%(hours)s h free", hours=f"{free.hours:g}")


def month_title(day: date) -> str:
    """Return a month's name and year."""
    return str(format_date(day, "LLLL y" if current() == "en" else "y年M月", rebase=False))
