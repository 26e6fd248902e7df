"""Booking on the calendar itself: what would come of a time drawn there, doing it, undoing it."""

import hashlib
import re
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from booking.board.views import words
from booking.board.views.calendar import blueprint
from booking.board.views.timeline import instant
from booking.core.actor import Actor
from booking.core.errors import (
    Alternative,
    Conflict,
    Invalid,
    NotFound,
    Refusal,
    RuleViolated,
    Violation,
)
from booking.core.local import local_text
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.policies.rules.times import fitting_length
from booking.reservations.queries.asking import Intent, asking
from booking.reservations.queries.availability import free_units, next_slots
from booking.reservations.queries.facts import PoolFacts, units_of, visible_pool
from booking.reservations.queries.named import visible_named
from booking.reservations.rules.proposal import BookingRequest, require_period
from booking.reservations.services.alternatives import with_alternatives
from booking.reservations.services.cancelling import cancel
from booking.web import login
from booking.web.access import signed_in
from booking.web.acting import acting, booker
from booking.web.arguments import id_of
from booking.web.formats import period_text
from booking.web.messages import status_of, text_of, violation_text
from booking.web.reserve import Entered, reserve

__all__ = ("blueprint",)  # the calendar's, with the routes below

OFFERED = 3
KEY = re.compile(r"[0-9a-f]{32}")
Told = dict[str, Any]


@blueprint.get("/pools/<int:pool_id>/calendar/ask")
@signed_in
def ask(pool_id: int) -> tuple[Response, int]:
    """Answer whether a time can be booked, why not, and what could be instead."""
    actor, now = login.actor(), clock.now()
    pool = visible_pool(db.session(), actor, pool_id, now)
    try:
        wanted = _wanted(actor, pool)
    except Invalid as refusal:
        return jsonify({"lines": [text_of(refusal)]}), status_of(refusal)
    return jsonify(_looked_at(actor, pool, wanted, now)), 200


@blueprint.post("/pools/<int:pool_id>/calendar/book")
@signed_in
def book(pool_id: int) -> tuple[Response, int]:
    """Book a time at once; answer how to undo it, or why it cannot be and what could instead."""
    actor, now = login.actor(), clock.now()
    pool = visible_pool(db.session(), actor, pool_id, now)
    try:
        wanted = _wanted(actor, pool)
        made = reserve(actor, wanted)
    except (RuleViolated, Conflict) as refusal:
        return jsonify(_refused(actor, pool, wanted, refusal, now)), status_of(refusal)
    except Refusal as refusal:
        return jsonify({"lines": [text_of(refusal)]}), status_of(refusal)
    if isinstance(made, Entered):
        collected = _("Your request is collected. You get a mail when it is decided.")
        return jsonify({"text": collected}), 200
    found = visible_named(db.session(), actor, made.reservation_id)
    when = period_text(found.period, pool.zone)
    asked = found.row.status == "pending"
    text = _("Requested: %(when)s.", when=when) if asked else _("Booked: %(when)s.", when=when)
    undo = {"id": found.row.id, "version": found.row.version}
    # What was joined into a reservation made before would be cancelled with it.
    return jsonify({"text": text, "undo": None if made.joined else undo}), 200


@blueprint.post("/pools/<int:pool_id>/calendar/undo")
@signed_in
def undo(pool_id: int) -> tuple[Response, int]:
    """Cancel what was booked just now, if nothing has become of it since."""
    actor, now = login.actor(), clock.now()
    pool = visible_pool(db.session(), actor, pool_id, now)
    row_id, version = id_of(request.form.get("id")), id_of(request.form.get("version"))
    if row_id is None or version is None:
        raise NotFound("reservation")
    found = visible_named(db.session(), actor, row_id)
    if found.row.pool_id != pool_id:
        raise NotFound("reservation")
    when = period_text(found.period, pool.zone)
    try:
        write(lambda session: cancel(session, actor, row_id, "", now, version))
    except Refusal as refusal:
        return jsonify({"lines": [text_of(refusal)]}), status_of(refusal)
    return jsonify({"text": _("Undone: %(when)s is free again.", when=when)}), 200


def _wanted(actor: Actor, pool: PoolFacts) -> BookingRequest:
    """Return what was drawn as a request. Raises Invalid."""
    start, end = id_of(request.values.get("start")), id_of(request.values.get("end"))
    if start is None or end is None:
        raise Invalid("time_unreadable", field="start")
    period = require_period(instant(start), instant(end))
    party, unit_id = acting(actor), id_of(request.values.get("unit"))
    wanted = BookingRequest(
        period.start, period.end, pool_id=None if unit_id else pool.pool_id, unit_id=unit_id,
        purpose=request.form.get("purpose", "research"),
        company_id=party.company_id if party else None,
        institution_id=party.institution_id if party else None,
    )  # fmt: skip
    key = request.form.get("key", "")
    if not KEY.fullmatch(key):
        return wanted
    digest = hashlib.sha256(repr(wanted).encode()).hexdigest()
    return replace(wanted, idempotency_key=key, body_hash=digest)


def _looked_at(actor: Actor, pool: PoolFacts, wanted: BookingRequest, now: datetime) -> Told:
    """Return what would come of it: free and allowed, else why not and what instead."""
    session, period = db.session(), Period(wanted.start, wanted.end)
    units = len(units_of(session, pool.pool_id))
    intent = Intent(period, 1, now, unit_id=wanted.unit_id, by=actor)
    broken = asking(session, pool, units, booker(actor, pool), intent).violations()
    if broken:
        return _refused(actor, pool, wanted, RuleViolated(broken), now)
    free = [one.unit_id for one in free_units(session, pool.pool_id, period)]
    if not free or (wanted.unit_id is not None and wanted.unit_id not in free):
        taken = with_alternatives(session, actor, wanted, now, Conflict())
        return _refused(actor, pool, wanted, taken, now)
    where = "" if wanted.unit_id or units == 1 else ngettext(
        "%(num)s unit is free", "%(num)s units are free", len(free)
    )  # fmt: skip
    asks = pool.needs_decision(actor)
    return _head(pool, wanted) | {
        "ok": True, "where": where, "lines": [], "offers": [],
        "direct": acting(actor) is not None and not actor.reads_only,
        "key": secrets.token_hex(16),  # sent twice, it makes one reservation
        "verb": _("Send the request") if asks else _("Book"),
    }  # fmt: skip


def _refused(
    actor: Actor,
    pool: PoolFacts,
    wanted: BookingRequest,
    refusal: RuleViolated | Conflict,
    now: datetime,
) -> Told:
    """Return why it cannot be, and up to three times that can."""
    if isinstance(refusal, Conflict):
        lines, offers = [text_of(refusal)], [_offer(pool, one) for one in refusal.alternatives]
    else:
        lines = [violation_text(one, pool.zone) for one in refusal.violations]
        offers = _allowed(actor, pool, wanted, refusal.violations, now)
    return _head(pool, wanted) | {"ok": False, "where": "", "lines": lines, "offers": offers}


def _allowed(
    actor: Actor,
    pool: PoolFacts,
    wanted: BookingRequest,
    broken: tuple[Violation, ...],
    now: datetime,
) -> list[Told]:
    """Return times from the nearest on that the rules allow, and that are free."""
    session = db.session()
    near = next((one.nearest for one in broken if one.nearest is not None), None)
    period = near or Period(wanted.start, wanted.end)
    length = fitting_length(pool.rules, period.minutes)
    units = [u for u in units_of(session, pool.pool_id) if wanted.unit_id in (None, u.unit_id)]
    intent = Intent(Period(period.start, period.start + length), 1, now, searches=True, by=actor)
    asked = asking(session, pool, len(units), booker(actor, pool), intent)
    slots = next_slots(session, asked, OFFERED, units=units)
    reason = "same_unit_later" if wanted.unit_id else "next_in_pool"
    return [_offer(pool, Alternative(s.unit_ids[0], s.period, reason)) for s in slots]


def _offer(pool: PoolFacts, offer: Alternative) -> Told:
    sibling = offer.reason == "sibling_now"
    when = period_text(offer.period, pool.zone)
    return {
        "text": _("%(when)s, another unit", when=when) if sibling else when,
        "start": words.seconds(offer.period.start), "end": words.seconds(offer.period.end),
        "unit": None if offer.reason == "next_in_pool" else offer.unit_id,
    }  # fmt: skip


def _head(pool: PoolFacts, wanted: BookingRequest) -> Told:
    """Return what is said in any case, and the form's address with the times filled in."""
    zone = pool.zone
    page = url_for(
        "reservations.new", unit_id=wanted.unit_id, pool_id=wanted.pool_id,
        start=local_text(wanted.start, zone), end=local_text(wanted.end, zone),
    )  # fmt: skip
    return {"when": period_text(Period(wanted.start, wanted.end), zone), "page": page}
