"""Pages on which a lab sets up courses and their quizzes."""

from collections import Counter
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may, may_look
from booking.companies.models import Lab
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.editing import category_choices
from booking.inventory.queries.zones import zone_for
from booking.training.forms.courses import CourseForm, NewCourseForm, QuizForm
from booking.training.queries.courses import (
    CourseFacts,
    course_facts,
    courses_of_lab,
    pools_of_lab,
)
from booking.training.queries.records import live_quiz, waiting_for_signature
from booking.training.queries.sessions import session_lines
from booking.training.services.courses import (
    create_course,
    edit_course,
    retire_course,
    set_quiz,
)
from booking.training.views.base import Answer, blueprint, course_form_page
from booking.training.views.lines import asks_text, gives_text
from booking.web.access import sees_park_pages, signed_in
from booking.web.fields import options
from booking.web.locale import named
from booking.web.login import actor
from booking.web.saving import confirmed, form_page, retiring_question, saved


def lab_to_run(session: Session, who: Actor, lab_id: int) -> Lab:
    """Return a lab in which the person works. Raises NotFound."""
    return _lab(session, who, lab_id, "training.run")


def lab_to_manage(session: Session, who: Actor, lab_id: int) -> Lab:
    """Return a lab whose courses the person sets up. Raises NotFound."""
    return _lab(session, who, lab_id, "training.manage")


def _lab(session: Session, who: Actor, lab_id: int, action: str) -> Lab:
    lab = session.get(Lab, lab_id)
    if lab is None or not may_look(who, action, Subject(lab_id=lab_id)):
        raise NotFound("lab")
    return lab


def course_to_set(course_id: int) -> CourseFacts:
    """Return a course whose setting the person may look at. Raises NotFound."""
    who = actor()
    facts = course_facts(db.session(), who, course_id, clock.now())
    if not may_look(who, "training.manage", Subject(lab_id=facts.course.lab_id)):
        raise NotFound("course")
    return facts


def around(lab: Lab, here: str) -> dict[str, Any]:
    """Return what the head of every training page of a lab shows."""
    who = actor()
    manages = may(who, "training.manage", Subject(lab_id=lab.id))
    return {"lab": lab, "here": here, "manages": manages, "plain": not sees_park_pages(who)}


@blueprint.get("/manage/labs/<int:lab_id>/training")
@signed_in
def lab(lab_id: int) -> str:
    """Show a lab's courses, and what waits for its signature."""
    session, who, now = db.session(), actor(), clock.now()
    row = lab_to_run(session, who, lab_id)
    courses = courses_of_lab(session, lab_id)
    ids = [course.id for course in courses]
    lines = session_lines(session, ids, who.user_id, now)
    coming = Counter(line.training.course_id for line in lines)
    return render_template(
        "training/lab.html",
        courses=[
            (course, gives_text(course), asks_text(course), coming[course.id])
            for course in courses
        ],
        requests=waiting_for_signature(session, ids), zone=zone_for(session, []),
        **around(row, "training.lab"),
    )  # fmt: skip


@blueprint.route("/manage/labs/<int:lab_id>/courses/new", methods=["GET", "POST"])
@signed_in
def new_course(lab_id: int) -> Answer:
    """Set up a course."""
    session, who = db.session(), actor()
    row = lab_to_manage(session, who, lab_id)
    form = NewCourseForm() if may_look(who, "park.edit") else CourseForm()
    form.offer(pools_of_lab(session, lab_id))
    _offer_classes(session, form)
    if form.validate_on_submit():
        wanted = form.wanted(_class_of(form))
        key = saved(form, lambda s, by, now: create_course(s, by, lab_id, wanted, now))
        if key:
            flash(_("Created. Next: a session, or its quiz."), "success")
            return redirect(url_for("training.people_of_course", course_id=key))
    back = url_for("training.lab", lab_id=lab_id)
    return form_page(
        "park/form.html", form, title=_("New course"), section="labs",
        above=[(named(row.name_zh, row.name_en), back)], back=back, plain=not sees_park_pages(who),
    )  # fmt: skip


@blueprint.route("/manage/courses/<int:course_id>", methods=["GET", "POST"])
@signed_in
def edit(course_id: int) -> Answer:
    """Change a course."""
    facts = course_to_set(course_id)
    form = CourseForm(obj=facts.course)
    form.offer(pools_of_lab(db.session(), facts.course.lab_id))
    if not form.is_submitted():
        form.show(facts.course, [pool.pool_id for pool in facts.pools])
    if form.validate_on_submit():
        wanted = form.wanted(facts.course.category_code)
        if saved(form, lambda s, by, now: edit_course(s, by, course_id, wanted, now)):
            flash(_("Saved. What it gave already stays as it is."), "success")
            return redirect(url_for("training.people_of_course", course_id=course_id))
    if facts.category is not None:
        del form.pool_ids
    return course_form_page(form, _("What the course is"), facts)


@blueprint.route("/manage/courses/<int:course_id>/retire", methods=["GET", "POST"])
@signed_in
def retire(course_id: int) -> Answer:
    """Ask, then offer a course no longer."""
    facts = course_to_set(course_id)
    question = retiring_question(
        "labs", named(facts.course.name_zh, facts.course.name_en),
        url_for("training.people_of_course", course_id=course_id),
        url_for("training.lab", lab_id=facts.course.lab_id),
    )  # fmt: skip
    return confirmed(question, lambda s, who, now: retire_course(s, who, course_id, now))


@blueprint.route("/manage/courses/<int:course_id>/quiz", methods=["GET", "POST"])
@signed_in
def quiz(course_id: int) -> Answer:
    """Show and set the questions of a course."""
    facts = course_to_set(course_id)
    live = live_quiz(db.session(), course_id)
    form = QuizForm(obj=live)
    if form.validate_on_submit():
        wanted = form.wanted()
        if saved(form, lambda s, by, now: set_quiz(s, by, course_id, wanted, now)):
            flash(_("Saved as a new version. Attempts keep theirs."), "success")
            return redirect(url_for("training.people_of_course", course_id=course_id))
    title = _("Quiz, version %(version)s", version=live.version) if live else _("Quiz")
    return course_form_page(form, title, facts)


def _offer_classes(session: Session, form: CourseForm) -> None:
    if "category_code" in form:
        form["category_code"].choices = class_choices(session)


def class_choices(session: Session) -> list[Any]:
    """Return the classes of instruments as choices, the first chooses none."""
    offered, top = options({"": _("none")}), ""
    for node in category_choices(session):
        name = named(node.name_zh, node.name_en)
        if node.parent_code is None:
            top = name
        offered += options({node.code: f"{node.code} {name}"}, top)
    return offered


def _class_of(form: CourseForm) -> str | None:
    return (form["category_code"].data or None) if "category_code" in form else None
