"""Pages of those who hold a course: its people, sessions, rosters, and signatures."""

from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import Subject, may
from booking.core.errors import Conflict, Invalid, Refusal, WrongState
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.models import Pool, Unit
from booking.training.forms.courses import SeatsForm, SessionForm
from booking.training.forms.standing import DecideForm
from booking.training.queries.courses import CourseFacts, course_to_read
from booking.training.queries.records import live_quiz, record_to_read, steps_of
from booking.training.queries.records import people_of_course as course_people
from booking.training.queries.sessions import (
    roster as attendees_of,
)
from booking.training.queries.sessions import (
    session_to_read,
    sessions_held,
    units_held,
    units_to_hold,
)
from booking.training.services.records import allow_attempt, refuse, sign_off
from booking.training.services.seats import change_seats
from booking.training.services.sessions import MARKS, cancel_session, mark, plan_session
from booking.training.views.base import Answer, blueprint, course_form_page
from booking.training.views.lines import (
    gives_text,
    mark_text,
    place_text,
    record_text,
    seats_text,
    step_lines,
    when_text,
)
from booking.web.access import sees_park_pages, signed_in
from booking.web.arguments import id_of
from booking.web.locale import named
from booking.web.login import actor
from booking.web.messages import text_of
from booking.web.saving import Question, confirmed, errors_of, form_page, run, saved

MARK = "mark-"


@blueprint.get("/manage/courses/<int:course_id>/people")
@signed_in
def people_of_course(course_id: int) -> str:
    """Show who is in a course, its sessions and its quiz."""
    session, who, now = db.session(), actor(), clock.now()
    facts = course_to_read(session, who, course_id, now)
    zone = ZoneInfo(facts.zone)
    return render_template(
        "training/held.html", facts=facts, course=facts.course, gives=gives_text(facts.course),
        lab=named(*facts.lab), quiz=live_quiz(session, course_id) if facts.course.needs_quiz
        else None,
        sessions=[
            (row, when_text(row, zone), seats_text(row.seats, row.seats - taken, waiting),
             row.cancelled_at is not None, row.end_at <= now)
            for row, taken, waiting in sessions_held(session, course_id)
        ],
        people=[
            (record, user, step_lines(steps_of(facts.course, record)))
            for record, user in course_people(session, course_id)
        ],
        manages=facts.manages(who), plain=not sees_park_pages(who),
    )  # fmt: skip


@blueprint.route("/manage/courses/<int:course_id>/sessions/new", methods=["GET", "POST"])
@signed_in
def new_session(course_id: int) -> Answer:
    """Plan a session of a course."""
    facts = course_to_read(db.session(), actor(), course_id, clock.now())
    form = SessionForm()
    closable = _closable(facts)
    if closable:
        form.offer(closable)
    else:
        del form.unit_ids
    if form.validate_on_submit():
        done = _planned(form, facts)
        if done is not None:
            return done
    return course_form_page(form, _("New session"), facts)


@blueprint.route("/manage/trainings/<int:session_id>", methods=["GET", "POST"])
@signed_in
def roster(session_id: int) -> Answer:
    """Show who comes to a session; once it begins, note who passed."""
    session, who, now = db.session(), actor(), clock.now()
    training, facts = session_to_read(session, who, session_id, now)
    if request.method == "POST":
        marks = {
            key: value
            for name, value in request.form.items()
            if name.startswith(MARK) and (key := id_of(name.removeprefix(MARK))) is not None
        }
        try:
            count = run(lambda s, by, at: mark(s, by, session_id, marks, at))
        except (Invalid, WrongState) as refusal:
            flash(text_of(refusal), "warning")
        else:
            told = ngettext("%(num)s person is qualified now.", "%(num)s people are qualified now.",
                            count)  # fmt: skip
            flash(f"{_('Saved.')} {told}" if count else _("Saved."), "success")
        return redirect(url_for("training.roster", session_id=session_id))
    zone = ZoneInfo(facts.zone)
    people = attendees_of(session, session_id)
    return render_template(
        "training/roster.html", training=training, facts=facts, when=when_text(training, zone),
        course_name=named(facts.course.name_zh, facts.course.name_en), lab=named(*facts.lab),
        seated=[one for one in people if one.seat_no is not None],
        waiting=[one for one in people if one.seat_no is None],
        units=units_held(session, session_id), marks=[(key, mark_text(key)) for key in MARKS],
        begun=training.start_at <= now, over=training.end_at <= now, place_text=place_text,
        off=training.cancelled_at is not None, prefix=MARK, plain=not sees_park_pages(who),
    )  # fmt: skip


@blueprint.route("/manage/trainings/<int:session_id>/seats", methods=["GET", "POST"])
@signed_in
def seats(session_id: int) -> Answer:
    """Change how many seats a session has; those who wait get what is added."""
    training, facts = session_to_read(db.session(), actor(), session_id, clock.now())
    form, back = SeatsForm(obj=training), url_for("training.roster", session_id=session_id)
    question = Question(
        title=_("Seats"),
        text=_("%(when)s. Seats that are taken stay; added ones go to those who wait.",
               when=when_text(training, ZoneInfo(facts.zone))),
        button=_("Save"), back=back, done=_("Saved."), after=back, section="labs", danger=False,
    )  # fmt: skip
    return confirmed(
        question, lambda s, who, now: change_seats(s, who, session_id, form.seats.data or 0, now),
        form,
    )  # fmt: skip


@blueprint.route("/manage/trainings/<int:session_id>/cancel", methods=["GET", "POST"])
@signed_in
def cancel(session_id: int) -> Answer:
    """Ask, then call a session off."""
    training, facts = session_to_read(db.session(), actor(), session_id, clock.now())
    question = Question(
        title=_("Call the session off?"),
        text=_("%(when)s. Whoever has a seat is told by mail; its units are free again.",
               when=when_text(training, ZoneInfo(facts.zone))),
        button=_("Call off"), back=url_for("training.roster", session_id=session_id),
        done=_("The session was called off."),
        after=url_for("training.people_of_course", course_id=facts.course.id), section="labs",
    )  # fmt: skip
    return confirmed(question, lambda s, who, now: cancel_session(s, who, session_id, now))


@blueprint.route("/manage/training-records/<int:record_id>", methods=["GET", "POST"])
@signed_in
def record(record_id: int) -> Answer:
    """Show how far a person is, and sign off or refuse."""
    session, who, now = db.session(), actor(), clock.now()
    found = record_to_read(session, who, record_id, now)
    form = DecideForm()
    if form.validate_on_submit():
        decide = sign_off if "sign" in request.form else refuse
        if saved(form, lambda s, by, at: decide(s, by, record_id, form.note.data or "", at)):
            flash(_("Signed off.") if "sign" in request.form else _("Refused."), "success")
            return redirect(url_for("training.people_of_course", course_id=found.facts.course.id))
    steps = steps_of(found.facts.course, found.record)
    return form_page(
        "training/record.html", form, found=found, record=found.record,
        steps=step_lines(steps), missing=steps.missing,
        state=record_text(found.record), own=found.user_id == who.user_id,
        course_name=named(found.facts.course.name_zh, found.facts.course.name_en),
        lab=named(*found.facts.lab), zone=ZoneInfo(found.facts.zone),
        plain=not sees_park_pages(who),
    )  # fmt: skip


@blueprint.post("/manage/training-records/<int:record_id>/attempt")
@signed_in
def attempt_more(record_id: int) -> Response:
    """Allow one more attempt at the quiz."""
    try:
        run(lambda s, who, now: allow_attempt(s, who, record_id, now))
        flash(_("One more attempt is allowed."), "success")
    except WrongState as refusal:
        flash(text_of(refusal), "warning")
    return redirect(url_for("training.record", record_id=record_id))


def _closable(facts: CourseFacts) -> list[tuple[Unit, Pool]]:
    who = actor()
    return [
        (unit, pool)
        for unit, pool in units_to_hold(db.session(), facts)
        if may(who, "unit.close", Subject(lab_id=pool.lab_id, institution_id=pool.institution_id))
    ]


def _planned(form: SessionForm, facts: CourseFacts) -> Response | None:
    """Plan the session typed and lead on; None, with what is wrong on the form, if it cannot be."""
    period = form.period(ZoneInfo(facts.zone))
    if period is None:
        if not (form.start.errors or form.end.errors):
            errors_of(form, "end").append(text_of(Invalid("end_before_start")))
        return None
    wanted = form.wanted(period)
    try:
        key = run(lambda s, who, now: plan_session(s, who, facts.course.id, wanted, now))
    except Invalid as refusal:
        errors_of(form, refusal.field).append(text_of(refusal))
        return None
    except (Conflict, WrongState) as refusal:
        in_the_way = Invalid("unit_taken_then") if _is_taken(refusal) else refusal
        errors_of(form, "unit_ids").append(text_of(in_the_way))
        return None
    flash(_("Planned. People can sign up."), "success")
    return redirect(url_for("training.roster", session_id=key))


def _is_taken(refusal: Refusal) -> bool:
    return isinstance(refusal, Conflict) or refusal.code == "has_live_reservations"
