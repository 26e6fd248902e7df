"""A lab's people and their qualifications: suspending, appeals, and whose training counts."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.accounts.models import User
from booking.companies.queries.lists import Choice
from booking.core.errors import NotFound
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.models import Pool
from booking.inventory.queries.zones import zone_for
from booking.policies.queries.own import visible_scope
from booking.training.forms.standing import AnswerForm, EquivalenceForm, SuspendForm
from booking.training.models import Appeal
from booking.training.queries.courses import pool_called, pools_of_lab
from booking.training.queries.passport import (
    Holding,
    equivalences_of,
    holding,
    open_appeals,
    people_qualified,
)
from booking.training.services.standing import (
    EquivalenceWanted,
    accept_elsewhere,
    accept_no_longer,
    answer_appeal,
    scope_of,
)
from booking.training.services.standing import reinstate as lift_suspension
from booking.training.services.standing import suspend as suspend_it
from booking.training.views.base import Answer, blueprint
from booking.training.views.setting import (
    around,
    class_choices,
    lab_to_manage,
    lab_to_run,
)
from booking.web.access import sees_park_pages, signed_in
from booking.web.arguments import id_of
from booking.web.level_words import level_text
from booking.web.lists import asked, page_url
from booking.web.locale import named
from booking.web.login import actor
from booking.web.paging import page_of
from booking.web.saving import Question, confirmed, errors_of, form_page, run, saved

SHOWN = ("", "ending", "suspended")


@blueprint.get("/manage/labs/<int:lab_id>/people")
@signed_in
def people(lab_id: int) -> str:
    """List who is qualified for a lab's instruments, and what people appeal against."""
    session, who, now = db.session(), actor(), clock.now()
    lab = lab_to_run(session, who, lab_id)
    wanted = asked()
    shown = request.args.get("show", "")
    shown = shown if shown in SHOWN else ""
    page = page_of(session, people_qualified(lab_id, wanted.q, shown, now), wanted.number)
    return render_template(
        "training/people.html", page=page, wanted=wanted, shown=shown, page_url=page_url,
        states=[("", _("Valid now")), ("ending", _("Ending within 30 days")),
                ("suspended", _("Suspended"))],
        appeals=open_appeals(session, lab_id), level_text=level_text,
        zone=zone_for(session, []), **around(lab, "training.people"),
    )  # fmt: skip


@blueprint.route("/manage/qualifications/<int:qualification_id>/suspend", methods=["GET", "POST"])
@signed_in
def suspend(qualification_id: int) -> Answer:
    """Ask for the reason, then suspend a qualification."""
    found, person = _held(qualification_id)
    back = _list_of(found)
    form = SuspendForm()
    question = Question(
        title=_("Suspend %(name)s?", name=person),
        text=_(
            "%(what)s, level %(level)s: until the suspension is lifted they cannot book there. "
            "What is booked already stays. They are told the reason and can appeal.",
            what=named(*found.names), level=level_text(found.row.level),
        ),
        button=_("Suspend"), back=back, done=_("Suspended."), after=back, section="labs",
    )  # fmt: skip
    return confirmed(
        question,
        lambda s, who, now: suspend_it(s, who, qualification_id, form.reason.data or "", now),
        form,
    )


@blueprint.post("/manage/qualifications/<int:qualification_id>/reinstate")
@signed_in
def reinstate(qualification_id: int) -> Response:
    """Lift a suspension."""
    found, _person = _held(qualification_id)
    back = _list_of(found)
    run(lambda s, who, now: lift_suspension(s, who, qualification_id, now))
    flash(_("The suspension was lifted."), "success")
    return redirect(back)


@blueprint.route("/manage/appeals/<int:appeal_id>", methods=["GET", "POST"])
@signed_in
def answer(appeal_id: int) -> Answer:
    """Answer an appeal."""
    session = db.session()
    row = session.get(Appeal, appeal_id)
    if row is None:
        raise NotFound("appeal")
    found, person = _held(row.qualification_id)
    back = _list_of(found)
    form = AnswerForm()
    if form.validate_on_submit() and saved(
        form,
        lambda s, who, now: answer_appeal(
            s, who, appeal_id, form.answer.data or "", now, lift=bool(form.lift.data)
        ),
    ):
        flash(_("Answered."), "success")
        return redirect(back)
    row = session.get_one(Appeal, appeal_id)
    return form_page(
        "training/answer.html", form, appeal=row, person=person, what=named(*found.names),
        reason=found.row.suspension_reason, level=level_text(found.row.level), back=back,
        plain=not sees_park_pages(actor()),
    )  # fmt: skip


@blueprint.route("/manage/labs/<int:lab_id>/equivalences", methods=["GET", "POST"])
@signed_in
def equivalences(lab_id: int) -> Answer:
    """Show whose qualifications a lab accepts, and accept more."""
    session, who = db.session(), actor()
    lab = lab_to_manage(session, who, lab_id)
    form = EquivalenceForm()
    form.category_code.choices = class_choices(session)
    form.for_pool_id.offer(
        [Choice(pool.pool_id, *pool.names) for pool in pools_of_lab(session, lab_id)],
        _("all instruments of the lab"),
    )
    if form.validate_on_submit():
        wanted = _wanted(session, form)
        if wanted and saved(form, lambda s, by, now: accept_elsewhere(s, by, lab_id, wanted, now)):
            flash(_("Saved."), "success")
            return redirect(url_for("training.equivalences", lab_id=lab_id))
    return form_page(
        "training/equivalences.html", form, rows=equivalences_of(session, lab_id),
        level_text=level_text, **around(lab, "training.equivalences"),
    )  # fmt: skip


@blueprint.post("/manage/equivalences/<int:equivalence_id>/end")
@signed_in
def end_equivalence(equivalence_id: int) -> Response:
    """Accept a qualification of elsewhere no longer."""
    lab_id = run(lambda s, who, now: accept_no_longer(s, who, equivalence_id, now))
    flash(_("No longer accepted. What is booked already stays."), "success")
    return redirect(url_for("training.equivalences", lab_id=lab_id))


def _held(qualification_id: int) -> tuple[Holding, str]:
    """Return a qualification the person may suspend, and who holds it. Raises NotFound."""
    session = db.session()
    found = holding(session, qualification_id)
    if found is None or found.row.revoked_at is not None:
        raise NotFound("qualification")
    visible_scope(session, actor(), *scope_of(found.row))
    return found, session.get_one(User, found.row.user_id).name


def _list_of(found: Holding) -> str:
    if found.row.pool_id is None:
        return url_for("qualifications.category", code=found.row.category_code)
    lab_id = db.session().get_one(Pool, found.row.pool_id).lab_id
    return url_for("training.people", lab_id=lab_id)


def _wanted(session: Session, form: EquivalenceForm) -> EquivalenceWanted | None:
    """Return what was typed; None, with the error on its field, for a pool that is none."""
    typed, pool_id = form.pool.data or "", None
    if typed:
        number = id_of(typed.removeprefix("#"))
        pool_id = pool_called(session, actor(), typed, number, clock.now())
        if pool_id is None:
            errors_of(form, "pool").append(_("No instrument, or several, are called so."))
            return None
    return EquivalenceWanted(
        int(form.most_level.data or 0), pool_id, form.category_code.data or None,
        form.for_pool_id.data,
    )  # fmt: skip
