"""The calendar of one group: day, week, month, agenda; what is free for the reader, and why not."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from booking.board.queries.calendar import gather
from booking.board.queries.lanes import Lane
from booking.board.rules.calendar import Frame, beside, frame_of
from booking.board.rules.lanes import MOST_LANES, ticks
from booking.board.views import calendar_plain as plain
from booking.board.views import words
from booking.board.views.calendar_answers import Shown, book_url, lanes_of_view
from booking.board.views.timeline import answer_once, script_words
from booking.core.errors import NotFound
from booking.core.local import local_text
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.policies.rules.times import fitting_length
from booking.reservations.forms.booking import PURPOSES
from booking.reservations.queries.facts import visible_pool
from booking.web import login
from booking.web.access import signed_in
from booking.web.acting import booker
from booking.web.arguments import id_of
from booking.web.week import Week, days_title, week_of

blueprint = Blueprint("pool_calendar", __name__)
TWO_WEEKS = 14
USUAL_MINUTES = 60
LEAST_STEP = 900  # seconds: finer cannot be drawn


@blueprint.get("/pools/<int:pool_id>/calendar")
@signed_in
def calendar(pool_id: int) -> str:
    """Show when the pool, or one of its units, can be booked by the reader."""
    view = request.args.get("view")
    at = _shown(pool_id, both=view is None)
    frame = at.frame
    script = frame.view in {"day", "week"} and bool(at.found.lanes)
    return render_template(
        "board/calendar.html",
        pool=at.pool, frame=frame, both=view is None, title=_title(frame), tabs=_tabs(at),
        units=_unit_choices(at), unit_id=at.unit_id, any_unit=at.any_unit,
        before=_url(at, beside(frame, -1)), after=_url(at, beside(frame, 1)),
        today=_url(at, at.now.astimezone(at.pool.zone).date()),
        book=book_url(at, at.unit_id), zone=at.pool.zone, script=_script(at) if script else None,
        week=_week(at) if frame.view == "week" else None,
        rows=plain.unit_rows(at) if frame.view == "day" else [],
        weeks=plain.month(at) if frame.view == "month" else [],
        weekdays=[str(format_date(day, "EEE", rebase=False)) for day in frame.days[:7]],
        agenda=plain.agenda(_agenda(at)) if frame.view == "agenda" or view is None else [],
        purposes=PURPOSES,
        reasons=plain.reasons(at) if frame.view != "month" else [],
    )  # fmt: skip


@blueprint.get("/pools/<int:pool_id>/calendar/lanes")
@signed_in
def lanes(pool_id: int) -> BaseResponse:
    """Answer the days or units of a view with what is free of them; 304 while nothing changed."""
    at = _shown(pool_id)
    found = lanes_of_view(at)
    first = min(id_of(request.args.get("first")) or 0, len(found))
    count = min(id_of(request.args.get("count")) or MOST_LANES, MOST_LANES)
    return answer_once({
        "total": len(found), "first": first, "lanes": found[first : first + count],
    })  # fmt: skip


def _shown(pool_id: int, *, both: bool = False) -> Shown:
    """Return what is asked for; `both`: the week, and the days after it for a narrow screen."""
    actor, now, session, args = login.actor(), clock.now(), db.session(), request.args
    pool = visible_pool(session, actor, pool_id, now)
    frame = frame_of(args.get("view"), args.get("date"), pool.zone, now)
    wide = replace(frame, length=TWO_WEEKS) if both else frame
    unit_id = id_of(args.get("unit"))
    found = gather(session, actor, pool, unit_id, wide, booker(actor, pool), now)
    if unit_id is not None and not found.lanes:
        raise NotFound("unit")
    return Shown(actor, pool, unit_id, frame, found, now)


def _agenda(at: Shown) -> Shown:
    """Return the same for the agenda: two weeks, of which those from today on are listed."""
    return (
        at if at.frame.view == "agenda" else replace(at, frame=replace(at.frame, length=TWO_WEEKS))
    )


def _week(at: Shown) -> Week:
    """Return the week as a table; its free hours lead to the booking form."""

    def slot_url(hour: Period) -> str:
        zone = at.pool.zone
        return plain.reserve_url(at, local_text(hour.start, zone), local_text(hour.end, zone))

    return week_of(
        at.found.asked, at.units, at.found.busy, at.frame.first, all_hours=True,
        slot_url=slot_url, page_url=lambda day: _url(at, day or at.frame.day),
    )  # fmt: skip


def _tabs(at: Shown) -> list[tuple[str, str, str]]:
    """Return each view: its name, its address and what it is called."""
    return [
        (view, _url(at, at.frame.day, view), label)
        for view, label in (
            ("day", _("One day")), ("week", _("Week")), ("month", _("Month")),
            ("agenda", _("Agenda")),
        )
    ]  # fmt: skip


def _unit_choices(at: Shown) -> list[tuple[int, str]]:
    """Return the units one can look at alone; none of a group of one."""
    lanes: list[Lane] = at.found.every
    return [(lane.unit_id, words.lane_name(lane)) for lane in lanes] if len(lanes) > 1 else []


def _url(at: Shown, day: date, view: str | None = None) -> str:
    """Return the address of another view or day; what was not asked for stays open."""
    return url_for(
        "pool_calendar.calendar", pool_id=at.pool.pool_id, unit=at.unit_id,
        view=view or request.args.get("view"), date=day.isoformat(),
    )  # fmt: skip


def _title(frame: Frame) -> str:
    if frame.view == "month":
        return plain.month_title(frame.day)
    if frame.view == "day":
        return str(format_date(frame.day, "full", rebase=False))
    return days_title(frame.days)


def _script(at: Shown) -> str:
    """Return what the script starts with, as JSON: addresses, hours, steps, its words."""
    frame, pool = at.frame, at.pool
    week = frame.view == "week"
    axis = frame.periods[0] if week else frame.period
    many = len(at.found.lanes) + at.any_unit
    rules = at.found.asked.rules
    asked: dict[str, Any] = {"view": frame.view, "date": frame.day.isoformat(), "unit": at.unit_id}
    return json.dumps({
        "lanes": url_for("pool_calendar.lanes", pool_id=pool.pool_id, **asked),
        "ask": url_for("pool_calendar.ask", pool_id=pool.pool_id),
        "make": url_for("pool_calendar.book", pool_id=pool.pool_id),
        "unmake": url_for("pool_calendar.undo", pool_id=pool.pool_id),
        "move": url_for("board.move"), "total": len(frame.days) if week else many,
        "zone": pool.zone.key, "now": words.seconds(at.now), "days": 1,
        "start": words.seconds(axis.start), "end": words.seconds(axis.end), "weekly": week,
        "step": max(rules.granularity_minutes.value * 60, LEAST_STEP),
        "usual": int(fitting_length(rules, USUAL_MINUTES).total_seconds()),
        "ticks": [[words.seconds(t), f"{t:%H:%M}", ""] for t in ticks(axis, pool.zone)],
        "words": script_words() | {
            "units": _("%(free)s of %(total)s free", free="{free}", total="{total}"),
            "shut": _("closed to you"), "past": _("past"),
            "why": _("closed to you: %(why)s", why="{why}"),
        },
    })  # fmt: skip
