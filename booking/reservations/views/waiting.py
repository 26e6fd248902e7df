"""Waiting for time: the form, my list with its offers, and the lab's view of a queue."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.core.actor import Actor
from booking.core.errors import Conflict, Forbidden, Invalid, RuleViolated, WrongState
from booking.core.local import SkippedTime, UnreadableTime, parse_instant
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.forms.booking import WaitForm
from booking.reservations.forms.parts import put_error
from booking.reservations.models import DrawEntry
from booking.reservations.queries.draw_entries import visible_draw_entries
from booking.reservations.queries.facts import visible_pool
from booking.reservations.queries.reservations import visible_reservation
from booking.reservations.queries.waiting import (
    MOST_SHOWN,
    events_of,
    offers_of,
    own_entry,
    queue_of,
    visible_entry,
    visible_waiting,
)
from booking.reservations.rules.waiting import QUEUED, Wish
from booking.reservations.services.waiting import decline, join, leave
from booking.reservations.views.base import blueprint
from booking.reservations.views.desk import Desk, open_desk
from booking.reservations.views.draw_lines import draw_line
from booking.reservations.views.filling import offer_choices
from booking.reservations.views.placeless import no_place
from booking.reservations.views.waiting_lines import Line, line_of
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.formats import zone_text
from booking.web.locale import named
from booking.web.messages import status_of, text_of, violation_text

A_WEEK = timedelta(days=7)
DRAWN_SHOWN = 20
FIELD = {"company_id": "party", "institution_id": "party", "pool_id": "unit_id"}


@blueprint.get("/waitlist")
@signed_in
def waiting() -> str:
    """Show what I wait for: offers first, then what is open, then what is over; and my draws."""
    actor, session, now = login.actor(), db.session(), clock.now()
    query = visible_waiting(actor, mine=True).limit(MOST_SHOWN)
    lines = _lines(session, list(session.execute(query)), now)
    last = visible_draw_entries(actor, mine=True).order_by(None).order_by(DrawEntry.id.desc())
    return render_template(
        "reservations/waiting.html",
        drawn=[draw_line(row, now) for row in session.execute(last.limit(DRAWN_SHOWN))],
        offers=[one for one in lines if one.state == "offered"],
        open=[one for one in lines if one.state == "waiting"],
        over=[one for one in lines if one.state not in QUEUED][-20:],
    )


@blueprint.get("/pools/<int:pool_id>/waitlist")
@signed_in
def queue(pool_id: int) -> str:
    """Show a pool's queue to its lab: who, what, in which order, and why not yet."""
    actor, session, now = login.actor(), db.session(), clock.now()
    pool = visible_pool(session, actor, pool_id, now)
    lines = _lines(session, queue_of(session, actor, pool_id), now)
    return render_template("reservations/queue.html", pool=pool, lines=lines)


@blueprint.route("/waitlist/new", methods=["GET", "POST"])
@signed_in
def wait() -> Response | str | tuple[str, int]:
    """Ask to wait for time of a pool or one of its units."""
    actor, now, session = login.actor(), clock.now(), db.session()
    given = request.form if request.method == "POST" else request.args
    pool_id = id_of(request.values.get("pool_id"))
    desk = open_desk(session, actor, pool_id, id_of(given.get("unit_id")), now)
    form = WaitForm() if request.method == "POST" else _fresh(desk, now)
    offer_choices(session, form, actor, actor.user_id, desk, now)
    if request.method == "GET":
        return _page(form, desk, now)
    valid, times = form.validate_on_submit(), form.times(desk.pool.zone)
    if not valid or times is None:
        return _page(form, desk, now), 422
    try:
        entry_id = write(lambda s: join(s, actor, _wish(form, desk, times), now))
    except (Invalid, RuleViolated, WrongState) as refusal:
        if isinstance(refusal, RuleViolated):
            texts = [violation_text(v, desk.pool.zone) for v in refusal.violations]
            form.form_errors.extend(texts)
        else:
            field = refusal.field if isinstance(refusal, Invalid) else None
            put_error(form, FIELD.get(field or "", field), text_of(refusal))
        return _page(form, desk, now), status_of(refusal)
    flash(_joined(session, actor, entry_id), "success")
    return redirect(url_for("reservations.waiting"))


@blueprint.post("/waitlist/<int:entry_id>/decline")
@signed_in
def decline_offer(entry_id: int) -> Response:
    """Decline the offer."""
    actor, now = login.actor(), clock.now()
    return _do(
        entry_id,
        lambda: write(lambda s: decline(s, actor, entry_id, now)),
        _("Declined. The next in line is asked."),
    )


@blueprint.post("/waitlist/<int:entry_id>/leave")
@signed_in
def leave_queue(entry_id: int) -> Response:
    """Stop waiting."""
    actor, now = login.actor(), clock.now()
    return _do(
        entry_id,
        lambda: write(lambda s: leave(s, actor, entry_id, now)),
        _("You no longer wait for this."),
    )


@blueprint.post("/reservations/<int:reservation_id>/move-up")
@signed_in
def move_up(reservation_id: int) -> Response:
    """Ask for an earlier time of a reservation."""
    actor, now = login.actor(), clock.now()
    if visible_reservation(db.session(), actor, reservation_id).row.user_id != actor.user_id:
        raise Forbidden
    wish = Wish("move_up", now, now, reservation_id=reservation_id)
    try:
        entry_id = write(lambda s: join(s, actor, wish, now))
    except (Invalid, WrongState) as refusal:
        flash(text_of(refusal), "warning")
        return redirect(url_for("reservations.show", reservation_id=reservation_id))
    flash(_joined(db.session(), actor, entry_id), "success")
    return redirect(url_for("reservations.waiting"))


def _do(entry_id: int, work: Callable[[], object], said: str) -> Response:
    """Do it and say so, or why not; then show the list."""
    zone = ZoneInfo(visible_entry(db.session(), login.actor(), entry_id).time_zone)
    try:
        work()
    except RuleViolated as refusal:
        flash(" ".join(violation_text(v, zone) for v in refusal.violations), "warning")
    except (Conflict, Invalid, WrongState) as refusal:
        flash(text_of(refusal), "warning")
    else:
        if said:
            flash(said, "success")
    return redirect(url_for("reservations.waiting"))


def _lines(session: Session, rows: list[Any], now: datetime) -> list[Line]:
    entries = [row.WaitlistEntry for row in rows]
    offers, events = offers_of(session, entries), events_of(session, [e.id for e in entries])
    return [
        line_of(row, offers.get(row.WaitlistEntry.id), events.get(row.WaitlistEntry.id, []), now)
        for row in rows
    ]


def _fresh(desk: Desk, now: datetime) -> WaitForm:
    """Return the form with what the address gives, else the coming week."""
    form = WaitForm(formdata=None)
    form.unit_id.data = request.args.get("unit_id", "")
    start, end = _given(desk, "start"), _given(desk, "end")
    if start is None or end is None or end <= start:
        start = now.replace(second=0, microsecond=0)
        form.show(Period(start, start + A_WEEK), desk.pool.zone)
        form.minutes.data = int(desk.usual.total_seconds() // 60)
    else:
        form.show(Period(start, end), desk.pool.zone)
        form.minutes.data = Period(start, end).minutes
    return form


def _given(desk: Desk, name: str) -> datetime | None:
    try:
        return parse_instant(request.args.get(name, ""), desk.pool.zone)
    except (SkippedTime, UnreadableTime):
        return None


def _wish(form: WaitForm, desk: Desk, times: tuple[datetime, datetime]) -> Wish:
    unit_id = id_of(form.unit_id.data)
    kind, _sep, party = (form.party.data or "").partition(":")
    return Wish(
        form.kind.data or "", *times, minutes=form.minutes.data or 0,
        pool_id=None if unit_id else desk.pool.pool_id, unit_id=unit_id,
        quantity=form.quantity.data or 0, purpose=form.purpose.data or "",
        note=form.note.data or "",
        company_id=id_of(party) if kind == "company" else None,
        institution_id=id_of(party) if kind == "institution" else None,
    )  # fmt: skip


def _joined(session: Session, actor: Actor, entry_id: int) -> str:
    entry = own_entry(session, actor, entry_id)
    if entry.state == "offered":
        return _("There is such a time already: it is kept for you. Accept it below.")
    if entry.kind == "notice":
        return _("You get a mail when so much time becomes free.")
    return _("You are in the queue. You get a mail when it is your turn.")


def _page(form: WaitForm, desk: Desk, now: datetime) -> str:
    return render_template(
        "reservations/wait.html", form=form, desk=desk, pool=desk.pool,
        action=url_for("reservations.wait", pool_id=desk.pool.pool_id),
        place=named(*desk.place.site), zone=zone_text(desk.pool.zone, now),
        placeless=no_place(desk, now),
    )  # fmt: skip
