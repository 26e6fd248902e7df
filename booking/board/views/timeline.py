"""The timeline: instruments over time on one screen, however many; moving by drag or keys."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from booking.board.queries.lanes import (
    Among,
    Lane,
    held_on,
    lane_ids,
    lanes_of,
    site_choices,
    zone_of,
)
from booking.board.rules.lanes import LENGTHS, MOST_LANES, Held, Span, span_of, ticks
from booking.board.views import words
from booking.core.actor import Actor
from booking.core.errors import Conflict, Invalid, Refusal, RuleViolated
from booking.core.period import from_epoch
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.rules.search import parse
from booking.reservations.queries.facts import visible_pool
from booking.reservations.queries.named import visible_named
from booking.reservations.services.moving import Change
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of, page_number
from booking.web.lists import MOST_CHARACTERS, page_url
from booking.web.locale import named
from booking.web.messages import status_of, text_of
from booking.web.reserve import change
from booking.web.shell import NavItem, nav_item

blueprint = Blueprint("board", __name__)
PLAIN = 50  # lanes of a page without a script, and of one on paper
NARROWED = ("lab", "pool", "site", "q", "from", "days")


@dataclass(frozen=True, slots=True)
class Shown:
    """What one request looks at: all lanes' ids, the days, the zone of their site."""

    actor: Actor
    among: Among
    ids: list[int]
    zone: ZoneInfo
    span: Span
    now: datetime


def nav(actor: Actor) -> list[NavItem]:
    """Return the entry of those who look after instruments."""
    if not (actor.lab_ids or actor.park_role):
        return []
    return [nav_item(_("Timeline"), "board.timeline", "calendar3")]


@blueprint.get("/timeline")
@signed_in
def timeline() -> str:
    """Show the lanes asked for; the script reads them again in parts, as one scrolls."""
    session, at = db.session(), _shown(db.session())
    number = page_number()
    lanes = lanes_of(session, at.ids[(number - 1) * PLAIN : number * PLAIN])
    held = held_on(session, at.actor, lanes, at.span.period, at.now)
    kept: dict[str, Any] = {name: request.args[name] for name in NARROWED if request.args.get(name)}
    pool_id = at.among.pool_id
    pool = visible_pool(session, at.actor, pool_id, at.now) if pool_id is not None else None
    return render_template(
        "board/timeline.html",
        total=len(at.ids), lanes=[_plain(lane, held.get(lane.unit_id, []), at) for lane in lanes],
        number=number, per_page=PLAIN, page_url=page_url, has_more=number * PLAIN < len(at.ids),
        title=_title(at.span), span=at.span, lengths=LENGTHS, kept=kept,
        before=_leaf(at, kept, -at.span.days), after=_leaf(at, kept, at.span.days),
        today=_timeline_url(kept, None),
        sites=[(row.id, named(row.name_zh, row.name_en)) for row in _sites(session, at)],
        own_labs=bool(at.actor.lab_ids), may_close=bool(at.actor.managed_lab_ids), pool=pool,
        script=_script(at, kept),
    )  # fmt: skip


@blueprint.get("/timeline/lanes")
@signed_in
def lanes() -> BaseResponse:
    """Answer a part of the lanes with what holds them; 304 while nothing has changed."""
    session, at = db.session(), _shown(db.session())
    first = min(id_of(request.args.get("first")) or 0, len(at.ids))
    count = min(id_of(request.args.get("count")) or MOST_LANES, MOST_LANES)
    found = lanes_of(session, at.ids[first : first + count])
    held = held_on(session, at.actor, found, at.span.period, at.now)
    return answer_once({
        "total": len(at.ids), "first": first,
        "lanes": [
            words.lane_answer(at.actor, lane) | {
                "held": [words.held_answer(one, at.zone) for one in held.get(lane.unit_id, [])]
            }
            for lane in found
        ],
    })  # fmt: skip


def answer_once(answer: dict[str, Any]) -> BaseResponse:
    """Return an answer as JSON with its tag; 304 to who has it already."""
    response = jsonify(answer)
    response.add_etag()
    return response.make_conditional(request)


@blueprint.post("/timeline/move")
@signed_in
def move() -> tuple[Response, int]:
    """Move a reservation as it was dragged; answer what came of it and how to undo it."""
    actor, form = login.actor(), request.form
    row_id, version = id_of(form.get("id")), id_of(form.get("version"))
    start, end = id_of(form.get("start")), id_of(form.get("end"))
    try:
        if row_id is None or version is None or start is None or end is None:
            raise Invalid("time_unreadable", field="start")
        before = visible_named(db.session(), actor, row_id)
        old = before.period
        how = change(actor, row_id, version, Change(instant(start), instant(end)))
    except (RuleViolated, Conflict) as refusal:
        return _refused(row_id, refusal)
    except Refusal as refusal:
        return jsonify({"text": text_of(refusal)}), status_of(refusal)
    after = visible_named(db.session(), actor, row_id)
    undo = {
        "id": row_id, "version": after.row.version,
        "start": words.seconds(old.start), "end": words.seconds(old.end),
    }  # fmt: skip
    moved = after.period != old
    return jsonify({"text": words.moved_text(how, after), "undo": undo if moved else None}), 200


def _refused(row_id: int | None, refusal: RuleViolated | Conflict) -> tuple[Response, int]:
    """Answer why it cannot be there; the page that moves it says what could be instead."""
    found = visible_named(db.session(), login.actor(), row_id or 0)
    page = url_for("reservations.move", reservation_id=row_id)
    told, offers = words.refused_move(refusal, found.zone)
    return jsonify({"text": told, "page": page, "offers": offers}), status_of(refusal)


def instant(seconds: int) -> datetime:
    """Return the instant of epoch seconds that were sent. Raises Invalid."""
    try:
        return from_epoch(seconds)
    except (OverflowError, ValueError, OSError) as error:
        raise Invalid("time_unreadable", field="start") from error


def _shown(session: Session) -> Shown:
    """Return what this request asks for; what cannot be read counts as not said."""
    actor, now, args = login.actor(), clock.now(), request.args
    pool_id = id_of(args.get("pool"))
    own = pool_id is None and (args.get("lab") == "mine" or not _is_narrowed())
    among = Among(
        lab_ids=actor.lab_ids if own and actor.lab_ids else None,
        pool_id=pool_id,
        site_id=id_of(args.get("site")),
        words=parse(args.get("q", "")[:MOST_CHARACTERS]).words,
    )
    ids = lane_ids(session, actor, among, now)
    zone = ZoneInfo(zone_of(session, among, ids) or "UTC")
    span = span_of(args.get("from"), id_of(args.get("days")), zone, now)
    return Shown(actor, among, ids, zone, span, now)


def _is_narrowed() -> bool:
    return any(request.args.get(name) for name in ("lab", "site", "q"))


def _sites(session: Session, at: Shown) -> Sequence[Any]:
    return site_choices(session, at.actor, at.now)


def _leaf(at: Shown, kept: dict[str, Any], days: int) -> str | None:
    """Return the address of the days before or after; None where nothing more is shown."""
    first = at.span.first + timedelta(days=days)
    if span_of(first.isoformat(), at.span.days, at.zone, at.now).first == at.span.first:
        return None
    return _timeline_url(kept, first)


def _timeline_url(kept: dict[str, Any], first: date | None) -> str:
    others = {name: value for name, value in kept.items() if name != "from"}
    if first is not None:
        others["from"] = first.isoformat()
    return url_for("board.timeline", **others)


def _title(span: Span) -> str:
    first = str(format_date(span.first, "full", rebase=False))
    if span.days == 1:
        return first
    last = span.first + timedelta(days=span.days - 1)
    return f"{format_date(span.first, rebase=False)} – {format_date(last, rebase=False)}"


def _plain(lane: Lane, held: Sequence[Held], at: Shown) -> dict[str, Any]:
    """Return a lane for readers without a script and for paper."""
    return {
        "lane": words.lane_answer(at.actor, lane),
        "held": [words.held_answer(one, at.zone) for one in held],
        "free": [
            (part, words.book_url(lane, part, at.zone))
            for part in words.free_periods(at.span, held, at.now, lane)
        ],
        "zone": at.zone,
    }


def _script(at: Shown, kept: dict[str, Any]) -> str:
    """Return what the script starts with, as JSON: addresses, days, hours, its words."""
    hours = ticks(at.span.period, at.zone)
    return json.dumps({
        "lanes": url_for("board.lanes", **kept), "move": url_for("board.move"),
        "total": len(at.ids), "zone": at.zone.key, "now": words.seconds(at.now),
        "start": words.seconds(at.span.period.start.astimezone(UTC)),
        "end": words.seconds(at.span.period.end.astimezone(UTC)),
        "days": at.span.days,
        "ticks": [
            [words.seconds(hour), f"{hour:%H:%M}", _day(hour) if hour.hour == 0 else ""]
            for hour in hours
        ],
        "words": script_words(),
    })  # fmt: skip


def script_words() -> dict[str, str]:
    """Return what lanes say by themselves."""
    return {
        "free": _("free"), "undo": _("Undo"), "dropped": _("Left where it was."),
        "carry": _(
            "Moving: arrow keys change the time, with Shift its end; Enter puts it down, "
            "Escape leaves it."
        ),
        "lost": _("No connection. Nothing has changed."), "loading": _("Loading"),
        "offer": _("See what else is free"),
    }  # fmt: skip


def _day(moment: datetime) -> str:
    return str(format_date(moment.date(), "EEE d", rebase=False))
