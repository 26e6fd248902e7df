"""Repeating a booking: the rule in a form, a preview of every occurrence, then the booking."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.core.errors import Invalid, PartsTaken, PartsViolated, Problem, WrongState
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.forms.groups import SeriesForm
from booking.reservations.forms.parts import put_error
from booking.reservations.rules.groups import OnProblem, SeriesWanted
from booking.reservations.services.grouping import GroupMade, Outcome, Preview
from booking.reservations.views.answers import (
    keep_ticked,
    shown_questions,
    shown_ticks,
    typed_answers,
)
from booking.reservations.views.base import blueprint
from booking.reservations.views.desk import open_desk
from booking.reservations.views.filling import KEY, new_key, offer_choices, person_of, request_of
from booking.reservations.views.making import FIELD, Counter
from booking.reservations.views.placeless import no_place
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.formats import length_text, period_text, zone_text
from booking.web.locale import named
from booking.web.messages import message, status_of, text_of, violation_text
from booking.web.repeats import rule_words
from booking.web.reserve import rehearse_group, reserve_group

USUAL_COUNT = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One occurrence of a preview, in words; they are counted from 1."""

    number: int
    when: str
    how: str  # booked, shifted, left_out
    problem: str
    instead: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A preview as the page shows it; `skip` and `shift` are digests of what would be booked."""

    words: str
    lines: tuple[Line, ...]
    free: int
    problems: int
    shifts: int
    skip: str
    shift: str


@blueprint.route("/reserve/series", methods=["GET", "POST"])
@signed_in
def repeat() -> Response | str | tuple[str, int]:
    """Book a pool or one of its units again and again, by a rule."""
    actor, now = login.actor(), clock.now()
    pool_id, unit_id = id_of(request.values.get("pool_id")), id_of(request.values.get("unit_id"))
    at = Counter(actor, open_desk(db.session(), actor, pool_id, unit_id, now), now)
    form = SeriesForm()
    if not KEY.fullmatch(form.key.data or ""):
        form.key.data = new_key()
    if request.method == "GET" or request.form.get("do") == "show":
        return _first(at, form)
    wanted = _wanted(at, form)
    if wanted is None:
        return _page(at, form), 422
    how, _colon, seen = request.form.get("book", "").partition(":")
    if how not in ("refuse", "skip", "shift"):
        return _previewed(at, form, wanted)
    return _book(at, form, replace(wanted, on_problem=OnProblem(how), seen=seen))


def _first(at: Counter, form: SeriesForm) -> str:
    """Return the form with what was typed in the plain one, and a usual rule."""
    zone = at.desk.pool.zone
    form.count.data, form.repeats.data, form.every.data = USUAL_COUNT, "weekly", 1
    if request.method == "GET":
        form.quantity.data, form.unit_id.data = 1, request.args.get("unit_id", "")
    start = form.start.read(zone) if form.start.data else None
    if start is not None:
        form.weekdays.data = [str(start.astimezone(zone).isoweekday())]
    form.start.errors = []
    offer_choices(db.session(), form, at.actor, at.actor.user_id, at.desk, at.now)
    return _page(at, form)


def _wanted(at: Counter, form: SeriesForm) -> SeriesWanted | None:
    """Return the series the form means; None, with the errors on its fields, when it is none."""
    valid, session = form.validate_on_submit(), db.session()
    person_id = person_of(session, form, at.actor, at.desk)
    offer_choices(session, form, at.actor, person_id or at.actor.user_id, at.desk, at.now)
    times = form.times(at.desk.pool.zone)
    if not valid or person_id is None or times is None:
        return None
    try:
        answers, _kept = typed_answers(at.desk.pool)
        keep_ticked(at.desk.pool, person_id)
        asked = request_of(form, at.desk, at.actor, person_id, times, answers)
        rule = form.rule(times[0].astimezone(at.desk.pool.zone).date())
    except Invalid as refusal:
        _put(form, refusal)
        return None
    return SeriesWanted(asked, rule, title=form.title.data or "")


def _previewed(at: Counter, form: SeriesForm, wanted: SeriesWanted) -> str | tuple[str, int]:
    try:
        preview = rehearse_group(at.actor, wanted)
    except Invalid as refusal:
        _put(form, refusal)
        return _page(at, form), status_of(refusal)
    return _page(at, form, _seen(at, wanted, preview))


def _book(at: Counter, form: SeriesForm, wanted: SeriesWanted) -> Response | tuple[str, int]:
    try:
        made = reserve_group(at.actor, wanted)
    except Invalid as refusal:
        _put(form, refusal)
        return _page(at, form), status_of(refusal)
    except (PartsTaken, PartsViolated, WrongState) as refusal:
        if refusal.code == "idempotency_mismatch":
            form.key.data = new_key()
        # It has changed since it was seen: show it as it is now.
        form.form_errors.append(message("series_changed", {}))
        preview = rehearse_group(at.actor, wanted)
        return _page(at, form, _seen(at, wanted, preview)), status_of(refusal)
    flash(_done(made), "success")
    return redirect(url_for("reservations.group", group_id=made.group_id))


def _done(made: GroupMade) -> str:
    if made.replayed:
        return _("This series has already been booked.")
    left = sum(outcome.plan is None for outcome in made.outcomes)
    held = len(made.outcomes) - left
    words = ngettext("%(num)s time is yours.", "%(num)s times are yours.", held)
    waits = any(o.plan and o.plan.status == "pending" for o in made.outcomes)
    if waits:
        words = ngettext(
            "%(num)s time is requested; the lab decides.",
            "%(num)s times are requested; the lab decides.", held,
        )  # fmt: skip
    if left:
        words += " " + ngettext("%(num)s was left out.", "%(num)s were left out.", left)
    return words


def _put(form: SeriesForm, refusal: Invalid) -> None:
    name = FIELD.get(refusal.field or "", refusal.field)
    put_error(form, "repeats" if name == "rule" else name, text_of(refusal))


def _seen(at: Counter, wanted: SeriesWanted, preview: Preview) -> Seen:
    zone = at.desk.pool.zone
    first = wanted.request.start.astimezone(zone).replace(tzinfo=None)
    return Seen(
        rule_words(wanted.rule, first, zone),
        # What needs a look comes first; each keeps its number.
        tuple(
            sorted(
                (_line(n, outcome, zone) for n, outcome in enumerate(preview.outcomes, 1)),
                key=lambda shown: not shown.problem,
            )
        ),
        len(preview.outcomes) - preview.problems, preview.problems, preview.shifts,
        preview.seen(OnProblem.SKIP), preview.seen(OnProblem.SHIFT),
    )  # fmt: skip


def _line(number: int, outcome: Outcome, zone: ZoneInfo) -> Line:
    problem = outcome.problem
    if problem is None:
        return Line(number, period_text(outcome.period, zone), outcome.how, "", "")
    instead = period_text(problem.nearest, zone) if problem.nearest else ""
    when, why = period_text(problem.period, zone), problem_text(problem, zone)
    return Line(number, when, outcome.how, why, instead)


def problem_text(problem: Problem, zone: ZoneInfo) -> str:
    """Return why a part of a group cannot be, in the reader's language."""
    if problem.conflicts or not problem.violations:
        return message("conflict", {})
    return " ".join(violation_text(violation, zone) for violation in problem.violations)


def _page(at: Counter, form: SeriesForm, seen: Seen | None = None) -> str:
    pool = at.desk.pool
    return render_template(
        "reservations/series.html", questions=shown_questions(at.desk.pool),
        ticks=shown_ticks(at.desk.pool, at.actor.user_id),
        form=form, desk=at.desk, pool=pool, seen=seen,
        action=url_for("reservations.repeat", pool_id=pool.pool_id),
        asks_reason=bool(form.override_reason.data), placeless=no_place(at.desk, at.now),
        lengths=[(minutes, length_text(minutes)) for minutes in at.desk.lengths],
        place=named(*at.desk.place.site), zone=zone_text(pool.zone, at.now),
    )  # fmt: skip
