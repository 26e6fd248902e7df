"""One course as people take it: its steps, seats in its sessions, the request to sign off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response as FlaskResponse
from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.core.actor import Actor
from booking.core.errors import Invalid, Refusal
from booking.infra import clock, ics
from booking.infra.db import db
from booking.infra.storage.kinds import PDF, PICTURES
from booking.infra.storage.names import disposition
from booking.training.forms.standing import RequestForm
from booking.training.models import Signup
from booking.training.queries.courses import CourseFacts, visible_course
from booking.training.queries.records import (
    attempts_of,
    evidence_of,
    latest_record_of,
    live_quiz,
    steps_of,
    visible_evidence,
)
from booking.training.queries.sessions import session_lines, visible_session
from booking.training.rules.courses import MOST_BYTES, MOST_FILES
from booking.training.services.records import request_signature
from booking.training.services.seats import give_up as give_seat_up
from booking.training.services.seats import sign_up as take_seat
from booking.training.views.base import Answer, blueprint
from booking.training.views.lines import (
    gives_text,
    place_text,
    record_text,
    step_lines,
    training_line,
)
from booking.web import calendars
from booking.web.access import signed_in
from booking.web.links import public_url
from booking.web.locale import named
from booking.web.login import actor
from booking.web.messages import text_of
from booking.web.saving import errors_of, form_page, run, saved
from booking.web.uploads import download, keep, received

KINDS = (PDF, *PICTURES)


@blueprint.get("/courses/<int:course_id>")
@signed_in
def course(course_id: int) -> Answer:
    """Show a course, how far one is, and what is next."""
    return _page(course_id, RequestForm(formdata=None))


@blueprint.post("/courses/<int:course_id>/signature")
@signed_in
def ask(course_id: int) -> Answer:
    """Ask the lab to sign off, with a note and evidence."""
    form = RequestForm()
    visible_course(db.session(), actor(), course_id, clock.now())  # before a file is kept
    if form.validate_on_submit():
        files = _kept(form)
        if files is not None and _asked(form, course_id, files):
            flash(_("Sent to the lab. You get a mail when it has decided."), "success")
            return redirect(url_for("training.course", course_id=course_id))
    return _page(course_id, form)


@blueprint.post("/trainings/<int:session_id>/sign-up")
@signed_in
def sign_up(session_id: int) -> Response:
    """Take a seat in a session, or wait for one."""
    training, _facts = visible_session(db.session(), actor(), session_id, clock.now())
    course_id = training.course_id
    try:
        state = run(lambda s, who, now: take_seat(s, who, session_id, now).state)
    except Refusal as refusal:
        flash(text_of(refusal), "warning")
    else:
        flash(place_text(state), "success")
    return redirect(url_for("training.course", course_id=course_id))


@blueprint.get("/trainings/<int:session_id>/session.ics")
@signed_in
def calendar_file(session_id: int) -> FlaskResponse:
    """Answer a session for a calendar: one UID for life, so that calendars update what they have.

    Its sequence grows when it is called off; times do not change.
    """
    now = clock.now()
    training, facts = visible_session(db.session(), actor(), session_id, now)
    off = training.cancelled_at is not None
    link = url_for("training.course", course_id=facts.course.id)
    entry = ics.Entry(
        uid=calendars.uid_of(f"training-session-{training.id}"),
        sequence=int(off), start=training.start_at, end=training.end_at,
        summary=named(facts.course.name_zh, facts.course.name_en), location=training.place,
        description="\n".join(filter(None, (training.trainer, training.note, public_url(link)))),
        url=public_url(link), organizer=calendars.organizer(),
        attendee="", attendee_name="", cancelled=off,
    )  # fmt: skip
    answer = FlaskResponse(ics.publish([entry], now), content_type=ics.CONTENT_TYPE)
    answer.headers["Content-Disposition"] = disposition(f"training-{training.id}.ics")
    return answer


@blueprint.post("/sign-ups/<int:signup_id>/give-up")
@signed_in
def give_up(signup_id: int) -> Response:
    """Give a seat up, or wait no longer."""
    session_id = run(lambda s, who, now: give_seat_up(s, who, signup_id, now).session_id)
    flash(_("Given up. The next one in line gets the seat."), "success")
    who, now = actor(), clock.now()
    own = db.session().get_one(Signup, signup_id).user_id == who.user_id
    training, facts = visible_session(db.session(), who, session_id, now)
    if not own and facts.runs(who):
        return redirect(url_for("training.roster", session_id=session_id))
    return redirect(url_for("training.course", course_id=training.course_id))


@blueprint.get("/training-evidence/<int:evidence_id>")
@signed_in
def evidence(evidence_id: int) -> FlaskResponse:
    """Answer a file given as evidence, always as a download."""
    return download(visible_evidence(db.session(), actor(), evidence_id, clock.now()).file_id)


def _asked(form: RequestForm, course_id: int, files: Sequence[int]) -> int | None:
    """Return the record of the request; None, with why on the form, where it is refused."""
    note = form.note.data or ""
    return saved(form, lambda s, who, now: request_signature(s, who, course_id, note, files, now))


def _kept(form: RequestForm) -> list[int] | None:
    """Return the files kept; None, with why on the form, where one is unfit."""
    try:
        return _given(form)
    except Invalid as refusal:
        errors_of(form, "file").append(text_of(refusal))
        return None


def _given(form: RequestForm) -> list[int]:
    """Return the ids of the files sent, once all of them are fit. Raises Invalid."""
    sent = [one for one in form.file.data or () if getattr(one, "filename", "")]
    if len(sent) > MOST_FILES:
        raise Invalid("too_many_evidence", field="file", limit=MOST_FILES)
    fit = [received(one, KINDS, MOST_BYTES) for one in sent]
    return [keep(one, actor().user_id) for one in fit]


def _page(course_id: int, form: RequestForm) -> Answer:
    session, who, now = db.session(), actor(), clock.now()
    facts = visible_course(session, who, course_id, now)
    zone = ZoneInfo(facts.zone)
    lines = session_lines(session, [course_id], who.user_id, now)
    return form_page(
        "training/course.html", form, course=facts.course, facts=facts,
        gives=gives_text(facts.course), lab=named(*facts.lab), runs=facts.runs(who),
        for_what=_for_what(facts), coming=[training_line(one, zone, now) for one in lines],
        **_own(session, who, facts, now),
    )  # fmt: skip


def _for_what(facts: CourseFacts) -> list[tuple[str, str | None]]:
    """Return what a course is for, with the addresses of pools."""
    if facts.category is not None:
        return [(named(*facts.category), None)]
    return [
        (named(*pool.names), url_for("catalogue.pool", pool_id=pool.pool_id))
        for pool in facts.pools
    ]


def _own(session: Session, who: Actor, facts: CourseFacts, now: datetime) -> dict[str, Any]:
    """Return how far the person is."""
    record = latest_record_of(session, who.user_id, facts.course.id)
    current = record if record is not None and record.state == "open" else None
    quiz = live_quiz(session, facts.course.id) if facts.course.needs_quiz else None
    attempts = attempts_of(session, current.id) if current is not None else ()
    allowed = (quiz.attempts if quiz else 0) + (current.extra_attempts if current else 0)
    return {
        "record": record, "state": record_text(record) if record else "",
        "steps": step_lines(steps_of(facts.course, current)), "current": current, "quiz": quiz,
        "attempts": [one for one in attempts if one.finished_at is not None],
        "begun": any(one.finished_at is None for one in attempts),
        "attempts_left": max(0, allowed - sum(1 for one in attempts if one.finished_at)),
        "evidence": evidence_of(session, current.id) if current is not None else (),
        "open": facts.course.retired_at is None,
    }  # fmt: skip
