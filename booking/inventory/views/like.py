"""Pools like one, at any site: what must be the same is ticked."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask_babel import gettext as _

from booking.core.local import SkippedTime, UnreadableTime, parse_instant
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.cards import cards
from booking.inventory.queries.like import Likeness, like_pools, lines_of
from booking.inventory.views.catalogue import blueprint
from booking.reservations.queries.facts import visible_pool
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of

SHOWN = 50


@blueprint.get("/pools/<int:pool_id>/like")
@signed_in
def like(pool_id: int) -> str:
    """List the pools like one; `model`, `line` (numbers from 1), `start` and `end` narrow."""
    who, now, session = login.actor(), clock.now(), db.session()
    facts = visible_pool(session, who, pool_id, now)
    lines = lines_of(session, pool_id)
    ticked = {id_of(value) for value in request.args.getlist("line")}
    chosen = tuple(line for number, line in enumerate(lines, 1) if number in ticked)
    likeness = Likeness(model="model" in request.args, lines=chosen)
    period = _period(facts.zone, now)
    found = like_pools(session, who, pool_id, likeness, now, period)
    times = {n: v for n in ("start", "end") if (v := request.args.get(n, "")[:32])}
    return render_template(
        "inventory/like.html", pool=facts, now=now, found=len(found),
        card=cards(session, who, [pool_id], now)[0],
        cards=cards(session, who, found[:SHOWN], now), times=times if period else {},
        ticks=[(n, f"{name}：{value}" if name else value, n in ticked)
               for n, (name, value) in enumerate(lines, 1)],
        model="model" in request.args, timed=times, bad_time=bool(times) and period is None,
        action=url_for("catalogue.like", pool_id=pool_id), title=_("Like this one"),
    )  # fmt: skip


def _period(zone: ZoneInfo, now: datetime) -> Period | None:
    """Return the time asked for, None for none or one that cannot be read."""
    try:
        start = parse_instant(request.args.get("start", ""), zone)
        end = parse_instant(request.args.get("end", ""), zone)
    except (SkippedTime, UnreadableTime):
        return None
    return Period(start, end) if max(start, now) < end else None
