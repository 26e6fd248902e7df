"""Days that open fairly: the lab's view of the draws, and taking one's request back."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import may
from booking.core.errors import NotFound, WrongState
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.queries.draw_entries import draws_of
from booking.reservations.queries.facts import visible_pool
from booking.reservations.services.entering import withdraw_entry
from booking.reservations.views.base import blueprint
from booking.reservations.views.draw_lines import drawn_days
from booking.web import login
from booking.web.access import signed_in
from booking.web.messages import text_of


@blueprint.get("/pools/<int:pool_id>/draws")
@signed_in
def draws(pool_id: int) -> str:
    """Show a pool's last draws to its lab: every request, its place, and why."""
    actor, session, now = login.actor(), db.session(), clock.now()
    pool = visible_pool(session, actor, pool_id, now)
    if not may(actor, "pool.use", pool.subject()):
        raise NotFound("pool")
    days = drawn_days(draws_of(session, actor, pool_id), now)
    return render_template("reservations/draws.html", pool=pool, days=days)


@blueprint.post("/draw-entries/<int:entry_id>/withdraw")
@signed_in
def withdraw_draw_entry(entry_id: int) -> Response:
    """Take a request back while they are collected."""
    actor, now = login.actor(), clock.now()
    try:
        write(lambda s: withdraw_entry(s, actor, entry_id, now))
    except WrongState as refusal:
        flash(text_of(refusal), "warning")
    else:
        flash(_("Your request is taken back."), "success")
    return redirect(url_for("reservations.waiting"))
