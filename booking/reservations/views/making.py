"""The booking form: one pool or unit, one time, one party; refusals keep everything typed."""

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.actor import Actor, Party
from booking.core.errors import Conflict, Invalid, NotFound, Refusal, RuleViolated, WrongState
from booking.core.local import SkippedTime, UnreadableTime, parse_instant
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.notices.queries import Line, notices_of_pool
from booking.policies.rules.times import fitting_length
from booking.reservations.forms.booking import PURPOSES, ReserveForm
from booking.reservations.forms.parts import put_error, typed
from booking.reservations.queries.asking import Booker
from booking.reservations.queries.named import visible_named
from booking.reservations.queries.person import NOBODY
from booking.reservations.queries.quota_lines import quota_use
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.services.kept import give_back, kept_in
from booking.reservations.services.overriding import may_override
from booking.reservations.views.again import slot_url
from booking.reservations.views.answers import (
    keep_ticked,
    shown_questions,
    shown_ticks,
    typed_answers,
)
from booking.reservations.views.base import blueprint
from booking.reservations.views.desk import Desk, Wish, first_free, open_desk
from booking.reservations.views.filling import (
    KEY,
    has_choice,
    new_key,
    offer_choices,
    person_of,
    request_of,
)
from booking.reservations.views.placeless import no_place
from booking.reservations.views.refused import (
    Offer,
    Refused,
    broken_rules,
    passing_offer,
    time_taken,
    with_ways_out,
    with_why,
)
from booking.reservations.views.words import after_booking
from booking.web import login
from booking.web.access import signed_in
from booking.web.acting import booker
from booking.web.arguments import id_of
from booking.web.busy import busy_then
from booking.web.formats import length_text, zone_text
from booking.web.locale import named
from booking.web.messages import message, status_of, text_of
from booking.web.opening_words import collected_text
from booking.web.quota_words import quota_facts
from booking.web.reserve import Entered, reserve

# Which field of the form a refused field of the request is.
FIELD = {"company_id": "party", "institution_id": "party", "on_behalf_of": "for_whom"}

MOST_MINUTES = 31 * 24 * 60  # of a length in the address


@dataclass(frozen=True, slots=True)
class Counter:
    """Who stands at which desk, and when."""

    actor: Actor
    desk: Desk
    now: datetime


@blueprint.route("/reserve", methods=["GET", "POST"])
@signed_in
def new() -> Response | str | tuple[str, int]:
    """Book a pool or one of its units."""
    actor, now = login.actor(), clock.now()
    given = request.form if request.method == "POST" else request.args
    pool_id = id_of(request.values.get("pool_id"))
    desk = open_desk(db.session(), actor, pool_id, id_of(given.get("unit_id")), now)
    at = Counter(actor, desk, now)
    if request.method == "POST":
        return _book(at)
    return _page(at, _fresh(at))


def _fresh(at: Counter) -> ReserveForm:
    """Return the form with what the address gives, else the next free time of its length."""
    form = ReserveForm(formdata=None, key=new_key())
    unit_id = id_of(request.args.get("unit_id"))
    form.unit_id.data = str(unit_id or "")
    form.quantity.data = id_of(request.args.get("quantity")) or 1
    form.for_whom.data = request.args.get("for_whom", "")[:254]
    start, end = _given(at, "start"), _given(at, "end")
    minutes = id_of(request.args.get("minutes")) or 0
    length = at.desk.usual
    if 0 < minutes <= MOST_MINUTES:
        length = fitting_length(at.desk.pool.rules, minutes)
    wish = Wish(length, unit_id, form.quantity.data)
    if request.args.get("purpose") in {code for code, *_label in PURPOSES}:
        form.purpose.data = request.args["purpose"]
    if start is not None:
        period = Period(start, end if end is not None and end > start else start + wish.length)
        form.show(period, at.desk.pool.zone)
    elif free := first_free(
        db.session(), booker(at.actor, at.desk.pool), at.desk, at.now, wish, at.now
    ):
        form.show(free, at.desk.pool.zone)
    offer_choices(db.session(), form, at.actor, at.actor.user_id, at.desk, at.now)
    return form


def _given(at: Counter, name: str) -> datetime | None:
    try:
        return parse_instant(request.args.get(name, ""), at.desk.pool.zone)
    except (SkippedTime, UnreadableTime):
        return None


def _book(at: Counter) -> Response | tuple[str, int]:
    form = ReserveForm()
    if not KEY.fullmatch(form.key.data or ""):
        form.key.data = new_key()
    valid = form.validate_on_submit()
    session = db.session()
    person_id = person_of(session, form, at.actor, at.desk)
    offer_choices(session, form, at.actor, person_id or at.actor.user_id, at.desk, at.now)
    exact = typed(form)
    times = form.times(at.desk.pool.zone)
    try:
        answers, kept = typed_answers(at.desk.pool)
    except Invalid as refusal:
        form.form_errors.append(text_of(refusal))
        return _page(at, form), 422
    if not valid or person_id is None or times is None:
        return _page(at, form), 422
    keep_ticked(at.desk.pool, person_id)
    asked = request_of(form, at.desk, at.actor, person_id, times, answers)
    # A form sent while the script still asks for its hold does not know that it has one.
    own = id_of(form.hold_id.data) or next(
        iter(kept_in(session, at.actor, at.desk.pool.pool_id)), 0
    )
    form.hold_id.data = str(own or "")
    asked = replace(asked, hold_id=own or None)
    exact |= kept
    try:
        booked = reserve(at.actor, asked)
    except (RuleViolated, Conflict) as refusal:
        _free_kept(at, form)
        refused = _explained(at, asked, refusal, exact)
        return _page(at, form, refused, overridable=_overridable(at, refusal)), status_of(refusal)
    except (Invalid, WrongState) as refusal:
        _put_error(form, at, refusal)
        return _page(at, form), status_of(refusal)
    if isinstance(booked, Entered):
        flash(_("Your request is collected. You get a mail when it is decided."), "success")
        return redirect(url_for("reservations.waiting"))
    found = visible_named(db.session(), at.actor, booked.reservation_id)
    flash(after_booking(found, joined=booked.joined), "success")
    return redirect(url_for("reservations.show", reservation_id=booked.reservation_id))


def _free_kept(at: Counter, form: ReserveForm) -> None:
    """Give back what the form kept: else other times would be offered instead of that one."""
    hold_id = id_of(form.hold_id.data)
    if hold_id is not None:
        with contextlib.suppress(NotFound):
            write(lambda session: give_back(session, at.actor, hold_id, at.now))
    form.hold_id.data = ""


def _put_error(form: ReserveForm, at: Counter, refusal: Invalid | WrongState) -> None:
    if isinstance(refusal, WrongState) and refusal.code != "idempotency_mismatch":
        form.form_errors.append(text_of(refusal))
        return
    if isinstance(refusal, WrongState):  # its key made a reservation of another content before
        form.key.data = new_key()
        form.form_errors.append(message("already_booked", {}))
        return
    name = FIELD.get(refusal.field or "", refusal.field)
    if name == "party" and not has_choice(form.party):
        # There is nothing to choose from: say so where the person was chosen.
        name = "for_whom" if at.desk.for_others else None
        refusal = Invalid("no_party")
    put_error(form, name, text_of(refusal))


def _explained(
    at: Counter, asked: BookingRequest, refusal: RuleViolated | Conflict, exact: dict[str, str]
) -> Refused:
    zone = at.desk.pool.zone
    if isinstance(refusal, Conflict):
        return time_taken(refusal, zone, at.desk.units, exact)
    refused = broken_rules(refusal, zone, _passing(at, asked, refusal, exact))
    refused = with_ways_out(refused, refusal, at.desk.pool)
    person = exact.get("for_whom", "") if at.desk.for_others else ""
    return with_why(refused, at.desk.pool, Period(asked.start, asked.end), person)


def _passing(
    at: Counter, asked: BookingRequest, refusal: RuleViolated, exact: dict[str, str]
) -> Offer | None:
    """Return the nearest booking that would pass: rules kept, and free."""
    near = next((v.nearest for v in refusal.violations if v.nearest is not None), None)
    near = near or Period(asked.start, asked.end)
    unit_down = any(v.field == "unit_id" for v in refusal.violations)
    quantity = min(asked.quantity, at.desk.most)
    if quantity < 1 or (unit_down and at.desk.only_unit() is not None):
        return None
    length = fitting_length(at.desk.pool.rules, near.minutes)
    wish = Wish(length, None if unit_down else asked.unit_id, quantity)
    period = first_free(db.session(), _booker(at, asked), at.desk, near.start, wish, at.now)
    if period is None:
        return None
    return passing_offer(refusal, period, quantity, at.desk.pool.zone, exact)


def _booker(at: Counter, asked: BookingRequest) -> Booker:
    """Return for whom the form books, by what was chosen."""
    if asked.company_id is None and asked.institution_id is None:
        return replace(
            booker(at.actor, at.desk.pool), person_id=asked.on_behalf_of or at.actor.user_id
        )
    party = Party(asked.company_id, asked.institution_id, frozenset())
    return Booker(asked.on_behalf_of or at.actor.user_id, party)


def _overridable(at: Counter, refusal: Refusal) -> bool:
    # What is taken may be so only by buffers, which a manager may use with a reason.
    broken = refusal.violations if isinstance(refusal, RuleViolated) else ()
    return may_override(at.actor, at.desk.pool, broken)


def _whose(at: Counter, form: ReserveForm) -> int:
    """Return who accepts and reads by this form: the reader, unless they book for another."""
    return at.actor.user_id if not form.for_whom.data else NOBODY


def _quotas(at: Counter, form: ReserveForm) -> list[tuple[str, str]]:
    """Return what is used of the quotas that count for this booking, in words."""
    pool, whose = at.desk.pool, booker(at.actor, at.desk.pool)
    kind, _colon, company = (form.party.data or "").partition(":")
    if kind == "company" and id_of(company):
        whose = replace(whose, party=Party(id_of(company), None, frozenset()))
    try:
        moment = max(parse_instant(form.start.data or "", pool.zone), at.now)
    except (SkippedTime, UnreadableTime):
        moment = at.now
    return quota_facts(quota_use(db.session(), pool, whose, moment, at.now))


def _keeps(at: Counter) -> dict[str, str]:
    """Return the form's attributes by which a script keeps the time that was chosen."""
    pool = at.desk.pool
    if not pool.rules.hold_minutes.value:
        return {}
    chosen = request.method == "POST" or bool(request.args.get("start"))
    return {
        "data-hold": url_for("reservations.hold", pool_id=pool.pool_id),
        "data-release": url_for("reservations.let_go"),
        **({"data-hold-now": ""} if chosen else {}),
    }


def _notices(at: Counter) -> list[Line]:
    pool = at.desk.pool
    found = notices_of_pool(db.session(), at.actor, pool.pool_id, pool.lab_id, at.now)
    return [line for line in found if line.concerns_booking]


def _page(
    at: Counter, form: ReserveForm, refused: Refused | None = None, *, overridable: bool = False
) -> str:
    collected = collected_text(at.desk.pool, at.now)
    # Who may book past a draw is not refused first: the request would be collected.
    overridable = overridable or (collected is not None and at.desk.leads)
    return render_template(
        "reservations/new.html", form=form, desk=at.desk, pool=at.desk.pool, refused=refused,
        quotas=_quotas(at, form), questions=shown_questions(at.desk.pool),
        ticks=shown_ticks(at.desk.pool, _whose(at, form)),
        asks_reason=overridable or bool(form.override_reason.data),
        placeless=no_place(at.desk, at.now),
        action=url_for("reservations.new", pool_id=at.desk.pool.pool_id), keeps=_keeps(at),
        lengths=[(minutes, length_text(minutes)) for minutes in at.desk.lengths],
        place=named(*at.desk.place.site), zone=zone_text(at.desk.pool.zone, at.now),
        notices=_notices(at), collected=collected, slot_url=slot_url(form, at.desk.pool.pool_id),
        busy=busy_then(at.actor, form.start.data, form.end.data, at.desk.pool.zone),
    )  # fmt: skip
