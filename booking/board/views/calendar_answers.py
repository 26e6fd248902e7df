"""The calendar's answers for its script: days or units as lanes, in words and epoch seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import format_date
from flask_babel import gettext as _

from booking.board.queries.calendar import Gathered
from booking.board.queries.lanes import Lane
from booking.board.rules.calendar import (
    Frame,
    all_taken,
    bend_of,
    free_of,
    hours_of_days,
    reach,
)
from booking.board.rules.lanes import Held
from booking.board.views import words
from booking.core.actor import Actor
from booking.core.period import Period, intersect, subtract
from booking.policies.rules.calendar import local_day
from booking.policies.rules.shading import Shade
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.rules.slots import UnitFacts
from booking.reservations.rules.week import Cell
from booking.web.formats import period_text
from booking.web.locale import current
from booking.web.messages import violation_text


@dataclass(frozen=True)
class Shown:
    """What one request looks at; `unit_id` is None for any unit of the group."""

    actor: Actor
    pool: PoolFacts
    unit_id: int | None
    frame: Frame
    found: Gathered
    now: datetime

    @cached_property
    def any_unit(self) -> bool:
        """Return whether a lane stands for several units."""
        return len(self.found.lanes) > 1

    @cached_property
    def units(self) -> list[UnitFacts]:
        """Return the units that can be booked."""
        return list(self.found.units.values())

    @cached_property
    def taken(self) -> list[Period]:
        """Return when nothing could be booked of all that is shown."""
        return all_taken(self.units, self.found.busy)

    @cached_property
    def free(self) -> list[Period]:
        """Return when something could be booked by the reader."""
        return free_of(self.found.spans, self.taken, self.now) if self.units else []

    @cached_property
    def shades(self) -> list[Shade]:
        """Return when the reader may not book at all, and why."""
        return [shade for shade in self.found.shaded(self.frame.periods) if shade.why]

    @cached_property
    def hours(self) -> dict[date, list[Cell]]:
        """Return the hours of each day: how many units are free in each."""
        found = self.found
        return hours_of_days(self.frame, self.units, found.busy, found.spans, self.now)


def lanes_of_view(at: Shown) -> list[dict[str, Any]]:
    """Return the lanes: the days of a week; of one day all units together, and each of them."""
    if at.frame.view != "day":
        return [_day_lane(at, day) for day in at.frame.days]
    together = [_together(at)] if at.any_unit else []
    return [*together, *(_unit_lane(at, lane) for lane in at.found.lanes)]


def why_text(at: Shown, shade: Shade) -> str:
    """Return why a stretch cannot be booked, in the words of each rule."""
    return " ".join(violation_text(one, at.pool.zone) for one in shade.why)


def day_url(at: Shown, day: date) -> str:
    """Return the address of one day."""
    return url_for(
        "pool_calendar.calendar", pool_id=at.pool.pool_id, view="day", date=day.isoformat(),
        unit=at.unit_id,
    )  # fmt: skip


def book_url(at: Shown, unit_id: int | None = None) -> str | None:
    """Return the booking form's address; None where nothing can be booked."""
    if not at.units or (unit_id is not None and unit_id not in at.found.units):
        return None
    if unit_id is not None:
        return url_for("reservations.new", unit_id=unit_id)
    return url_for("reservations.new", pool_id=at.pool.pool_id)


def near_parts(unit: UnitFacts, blocks: Sequence[Period], spans: list[Period]) -> list[Period]:
    """Return what is open but too near to what holds the unit: kept for warm-up and clean-up."""
    near = [part for one in reach(unit, blocks) for part in subtract(one, blocks)]
    return intersect(spans, near)


def _day_lane(at: Shown, day: date) -> dict[str, Any]:
    """Return a day of a week: of the one unit what holds it, else how many are free when."""
    period = local_day(day, at.pool.zone)
    bend = bend_of(period, at.pool.zone)
    lane = at.found.lanes[0] if len(at.found.lanes) == 1 else None
    held = _of_unit(at, lane, period) if lane else _of_all(at, period)
    return {
        "id": day.isoformat(), "pool": _weekday(day), "name": _date(day),
        "url": day_url(at, day), "state": "", "close": None,
        "book": book_url(at, lane.unit_id if lane else None),
        "unit": at.unit_id,
        "from": words.seconds(period.start), "until": words.seconds(period.end),
        "bend": [words.seconds(bend[0]), int(bend[1].total_seconds())] if bend else None,
        **held,
    }  # fmt: skip


def _together(at: Shown) -> dict[str, Any]:
    return {
        "id": "any", "pool": _("Any unit"), "name": _("free units"), "state": "",
        "url": day_url(at, at.frame.day), "close": None, "book": book_url(at),
        **_of_all(at, at.frame.period),
    }  # fmt: skip


def _unit_lane(at: Shown, lane: Lane) -> dict[str, Any]:
    answer = words.lane_answer(at.actor, lane)
    answer |= {"pool": answer["name"], "name": "", "unit": lane.unit_id}
    if lane.unit_id not in at.found.units:
        answer["book"] = None
    return answer | _of_unit(at, lane, at.frame.period)


def _of_all(at: Shown, period: Period) -> dict[str, Any]:
    """Return what a lane of several units shows: numbers, own reservations, what is full."""
    full = [
        _plain(part, "full", _("all taken"), at)
        for part in intersect(at.found.spans, at.taken) if part.overlaps(period)
    ]  # fmt: skip
    own = [words.held_answer(one, at.pool.zone) for one in _within(at.found.own, period)]
    days = [
        day for day, of in zip(at.frame.days, at.frame.periods, strict=True) if of.overlaps(period)
    ]
    return {
        "any": True,
        "cells": [
            [*_pair(part), cell.free, cell.total]
            for day in days for cell in at.hours[day]
            if cell.period is not None and cell.state in {"free", "partly", "busy"}
            for part in intersect([cell.period], at.found.spans)
        ],
        "open": [_pair(part) for part in at.free if part.overlaps(period)],
        "shut": list(_shut(at, period)),
        "held": sorted([*full, *own], key=lambda one: one["s"]),
    }  # fmt: skip


def _of_unit(at: Shown, lane: Lane, period: Period) -> dict[str, Any]:
    """Return what a lane of one unit shows: what holds it, and what is free of it."""
    held, unit = at.found.held.get(lane.unit_id, []), at.found.units.get(lane.unit_id)
    blocks = [one.block for one in held]
    near = near_parts(unit, blocks, at.found.spans) if unit else []
    free = free_of(at.found.spans, reach(unit, blocks), at.now) if unit else []
    too_near = _("Kept free for warm-up or clean-up.")
    shut = [*_shut(at, period), *([*_pair(p), too_near] for p in near if p.overlaps(period))]
    return {
        "open": [_pair(part) for part in free if part.overlaps(period)],
        "shut": sorted(shut),
        "held": [words.held_answer(one, at.pool.zone) for one in _within(held, period)],
    }


def _shut(at: Shown, period: Period) -> Iterator[list[Any]]:
    for shade in at.shades:
        if shade.period.overlaps(period):
            yield [*_pair(shade.period), why_text(at, shade)]


def _within(held: Sequence[Held], period: Period) -> list[Held]:
    return [one for one in held if one.block.overlaps(period)]


def _plain(period: Period, kind: str, title: str, at: Shown) -> dict[str, Any]:
    start, end = _pair(period)
    return {
        "s": start, "e": end, "b": start, "f": end, "kind": kind, "title": title, "more": "",
        "when": period_text(period, at.pool.zone),
    }  # fmt: skip


def _pair(period: Period) -> list[int]:
    return [words.seconds(period.start), words.seconds(period.end)]


def _weekday(day: date) -> str:
    return str(format_date(day, "EEE", rebase=False))


def _date(day: date) -> str:
    return str(format_date(day, "d MMM" if current() == "en" else "M月d日", rebase=False))
