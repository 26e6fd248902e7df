"""A unit's week on one sheet of paper, for the door: when it is reserved, and a code to book by."""

from datetime import date

from flask import render_template, request, url_for
from flask_babel import gettext as _

from booking.board.queries.calendar import gather
from booking.board.rules.calendar import Frame, beside, frame_of
from booking.board.rules.lanes import Held
from booking.board.views import words
from booking.board.views.calendar_making import blueprint
from booking.core.errors import NotFound
from booking.core.period import Period, intersect
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.queries.facts import pool_of_unit, visible_pool
from booking.web import login
from booking.web.access import signed_in
from booking.web.acting import booker
from booking.web.formats import clock_text, day_text, hours_text
from booking.web.links import public_url
from booking.web.locale import named
from booking.web.week import days_title

__all__ = ("blueprint",)  # the calendar's, with the route below


@blueprint.get("/units/<int:unit_id>/week")
@signed_in
def sheet(unit_id: int) -> str:
    """Show a week of a unit to print; nobody is named on it, whoever prints it."""
    actor, now, session = login.actor(), clock.now(), db.session()
    pool_id, _state = pool_of_unit(session, unit_id)
    pool = visible_pool(session, actor, pool_id, now)
    frame = frame_of("week", request.args.get("date"), pool.zone, now)
    found = gather(session, actor, pool, unit_id, frame, booker(actor, pool), now)
    if not found.lanes:
        raise NotFound("unit")
    return render_template(
        "board/week_sheet.html", title=named(pool.name_zh, pool.name_en),
        label=words.lane_name(found.lanes[0]), unit_id=unit_id, week=days_title(frame.days),
        days=_days(frame, found.held.get(unit_id, [])),
        hours=hours_text(found.asked.rules.opening_hours.value),
        address=public_url(url_for("catalogue.unit", unit_id=unit_id)),
        before=_url(unit_id, beside(frame, -1)), after=_url(unit_id, beside(frame, 1)),
    )  # fmt: skip


def _days(frame: Frame, held: list[Held]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each day with its times and what is on in them."""
    return [
        (day_text(day.isoformat()), [_line(part, of, one, frame) for one, part in _parts(held, of)])
        for day, of in zip(frame.days, frame.periods, strict=True)
    ]


def _parts(held: list[Held], of: Period) -> list[tuple[Held, Period]]:
    return [(one, part) for one in held for part in intersect([of], [one.period])]


def _line(part: Period, of: Period, one: Held, frame: Frame) -> tuple[str, str]:
    until = "24:00" if part.end == of.end else clock_text(part.end, frame.zone)
    return f"{clock_text(part.start, frame.zone)}–{until}", _what(one)


def _what(one: Held) -> str:
    if one.kind == "reservation":
        return _("Reserved")
    return words.held_words(one)[0]


def _url(unit_id: int, day: date) -> str:
    return url_for("pool_calendar.sheet", unit_id=unit_id, date=day.isoformat())
