"""A lab's day on one page, and the display beside a unit's door."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import may
from booking.approvals.queries.today import (
    blocks_of,
    labs_of,
    late_ones,
    place_of_row,
    units_of_labs,
    visible_place,
)
from booking.approvals.rules.today import at_hand
from booking.approvals.services.missing import miss
from booking.approvals.views import day_lines as lines
from booking.core.actor import Actor
from booking.core.errors import Stale, WrongState
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.queries.facts import pool_facts
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of, page_number
from booking.web.formats import clock_text, day_text
from booking.web.lists import page_url
from booking.web.locale import named
from booking.web.messages import text_of
from booking.web.paging import PER_PAGE, page_of
from booking.web.shell import NavItem, nav_item

blueprint = Blueprint("today", __name__)


def nav(actor: Actor) -> list[NavItem]:
    """Return the day's entry, for who is of a lab."""
    return [nav_item(_("Today"), "today.today", "clock")] if actor.lab_ids else []


@blueprint.get("/today")
@signed_in
def today() -> str:
    """Show who is on the lab's units now and next, and on top who is late; `?lab=` narrows."""
    actor, now, session = login.actor(), clock.now(), db.session()
    labs = labs_of(session, actor, id_of(request.args.get("lab")))
    keys = [lab.id for lab in labs]
    page = page_of(session, units_of_labs(keys), page_number())
    places = [place_of_row(row) for row in page.items]
    blocks = blocks_of(session, places, now)
    late, left = late_ones(session, actor, keys, now)
    rules = pool_facts(session, sorted({p.pool_id for p in places} | {o.row.pool_id for o in late}))
    return render_template(
        "approvals/today.html", page=page, per_page=PER_PAGE, page_url=page_url,
        labs=[(lab.id, named(lab.name_zh, lab.name_en)) for lab in labs],
        units=[
            lines.unit_line(actor, place, at_hand(blocks.get(place.unit_id, ()), now),
                            rules[place.pool_id], now)
            for place in places
        ],
        late=[lines.late_line(actor, one, rules[one.row.pool_id], now) for one in late],
        left=[lines.left_line(one, now) for one in left],
        at=clock_text(now, places[0].zone) if places else "",
    )  # fmt: skip


@blueprint.post("/today/<int:reservation_id>/missed")
@signed_in
def missed(reservation_id: int) -> Response:
    """Say that nobody came."""
    actor, now = login.actor(), clock.now()
    version = id_of(request.form.get("version"))
    try:
        write(lambda s: miss(s, actor, reservation_id, now, version))
    except (WrongState, Stale) as refusal:
        flash(text_of(refusal), "warning")
    else:
        flash(_("Noted as a no-show. The time is free for others."), "success")
    return redirect(url_for("today.today"))


@blueprint.get("/units/<int:unit_id>/door")
@signed_in
def door(unit_id: int) -> str:
    """Show in large letters what is on at one unit; names only to the lab, `?names=0` never."""
    actor, now, session = login.actor(), clock.now(), db.session()
    place = visible_place(session, actor, unit_id, now)
    of_lab = may(actor, "reservation.decide", place.subject)
    names = of_lab and request.args.get("names") != "0"
    blocks = blocks_of(session, [place], now).get(unit_id, [])
    return render_template(
        "approvals/door.html", place=place, title=named(*place.pool), label=lines.label_of(place),
        sign=lines.sign_of(place, at_hand(blocks, now), now, names=names),
        coming=[
            lines.block_line(b, now, place.zone, names=names)
            for b in blocks
            if b.period.end > now
        ],
        names=names, of_lab=of_lab, at=clock_text(now, place.zone),
        day=day_text(now.astimezone(place.zone).date().isoformat()),
        quiet_url=url_for("today.door", unit_id=unit_id, names=0),
    )  # fmt: skip
