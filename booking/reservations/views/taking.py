"""Taking what is offered to who waits: at once, or after the group's questions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.errors import Conflict, Invalid, RuleViolated, WrongState
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.models import Hold, WaitlistEntry
from booking.reservations.queries.facts import PoolFacts, pool_facts
from booking.reservations.queries.named import visible_named
from booking.reservations.queries.waiting import own_entry
from booking.reservations.services.requesting import Booked
from booking.reservations.views.answers import (
    keep_ticked,
    shown_questions,
    shown_ticks,
    typed_answers,
)
from booking.reservations.views.base import blueprint
from booking.reservations.views.words import after_booking
from booking.web import login
from booking.web.access import signed_in
from booking.web.formats import instant_text, period_text
from booking.web.locale import named
from booking.web.messages import text_of, violation_text
from booking.web.reserve import take_offer


@blueprint.route("/waitlist/<int:entry_id>/accept", methods=["GET", "POST"])
@signed_in
def accept_offer(entry_id: int) -> Response | str | tuple[str, int]:
    """Take the offer, after what the pool asks; the reservation is shown."""
    actor, now, session = login.actor(), clock.now(), db.session()
    entry = own_entry(session, actor, entry_id)
    pool = pool_facts(session, [entry.pool_id])[entry.pool_id]
    offered = entry.state == "offered" and entry.reservation_id is None
    if offered and "answered" not in request.form and _asks(pool, actor.user_id):
        return _page(entry, pool, now)
    if request.method == "GET":
        return redirect(url_for("reservations.waiting"))
    try:
        answers = _answers(pool, actor.user_id)
        made = take_offer(actor, entry_id, answers)
    except RuleViolated as refusal:
        texts = [violation_text(violation, pool.zone) for violation in refusal.violations]
        if offered and "answered" in request.form:
            return _page(entry, pool, now, texts), 422
        flash(" ".join(texts), "warning")
    except (Conflict, Invalid, WrongState) as refusal:
        if isinstance(refusal, Invalid) and offered:  # a file that cannot be kept
            return _page(entry, pool, now, [text_of(refusal)]), 422
        flash(text_of(refusal), "warning")
    else:
        flash(_taken(made), "success")
        return redirect(url_for("reservations.show", reservation_id=made.reservation_id))
    return redirect(url_for("reservations.waiting"))


def _taken(made: Booked) -> str:
    if made.joined:
        found = visible_named(db.session(), login.actor(), made.reservation_id)
        return after_booking(found, joined=True)
    return _("The time is yours, as far as the lab need not agree.")


def _asks(pool: PoolFacts, person_id: int) -> bool:
    return bool(shown_questions(pool) or shown_ticks(pool, person_id))


def _answers(pool: PoolFacts, person_id: int) -> dict[str, Any]:
    """Return the answers typed, after keeping what was ticked. Raises Invalid."""
    keep_ticked(pool, person_id)
    return typed_answers(pool)[0]


def _page(
    entry: WaitlistEntry, pool: PoolFacts, now: datetime, problems: Sequence[str] = ()
) -> str:
    hold = db.session().get_one(Hold, entry.hold_id)
    until = entry.offer_until or now
    return render_template(
        "reservations/take.html", entry_id=entry.id, problems=problems,
        name=named(pool.name_zh, pool.name_en),
        when=period_text(Period(hold.start_at, hold.end_at), pool.zone),
        until=instant_text(until, pool.zone), ended=until <= now,
        questions=shown_questions(pool), ticks=shown_ticks(pool, entry.user_id),
    )  # fmt: skip
