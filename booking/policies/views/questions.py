"""Pages of what is asked before one books: a pool's questions, and agreements to accept."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from booking.core.errors import NotFound
from booking.infra.db import db
from booking.policies.forms.questions import AgreementForm, QuestionsForm
from booking.policies.models import Acceptance, Agreement
from booking.policies.queries.book import current_book
from booking.policies.queries.own import Scope, visible_scope
from booking.policies.services.questions import set_agreement, set_questions
from booking.policies.views.rules import address as rules_address
from booking.reservations.services.answering import accept
from booking.web.access import park_permission, sees_park_pages, signed_in
from booking.web.links import safe_next
from booking.web.locale import named
from booking.web.login import actor
from booking.web.pool_head import pool_values
from booking.web.saving import form_page, run, saved

blueprint = Blueprint("questions", __name__)
Answer = Response | str | tuple[str, int]


@blueprint.route("/manage/pools/<int:pool_id>/questions", methods=["GET", "POST"])
@signed_in
def pool(pool_id: int) -> Answer:
    """Show and set what a pool asks at booking."""
    session = db.session()
    visible_scope(session, actor(), "pool", str(pool_id))
    asked = current_book(session).asks(pool_id)
    form = QuestionsForm.of(asked.questions if asked is not None else ())
    if form.validate_on_submit():
        wanted = form.questions()
        if saved(form, lambda s, who, now: set_questions(s, who, pool_id, wanted, now)):
            flash(_("Saved. Reservations keep what they were asked."), "success")
            return redirect(url_for("questions.pool", pool_id=pool_id))
    return form_page("rules/questions.html", form, **pool_values(pool_id))


@blueprint.route("/park/agreement", methods=["GET", "POST"])
@park_permission("park.edit")
def park_agreement() -> Answer:
    """Show and set what everybody accepts before booking anything."""
    return _agreement("park", "")


@blueprint.route("/manage/labs/<int:lab_id>/agreement", methods=["GET", "POST"])
@signed_in
def lab_agreement(lab_id: int) -> Answer:
    """Show and set what is accepted before booking a lab's instruments."""
    return _agreement("lab", str(lab_id))


@blueprint.route("/manage/pools/<int:pool_id>/agreement", methods=["GET", "POST"])
@signed_in
def pool_agreement(pool_id: int) -> Answer:
    """Show and set what is accepted before booking one instrument group."""
    return _agreement("pool", str(pool_id))


@blueprint.route("/agreements/<int:agreement_id>", methods=["GET", "POST"])
@signed_in
def show(agreement_id: int) -> Answer:
    """Show an agreement that holds, and accept it."""
    row = db.session().get(Agreement, agreement_id)
    if row is None or row.retired_at is not None:
        raise NotFound("agreement")
    if request.method == "POST":
        run(lambda s, who, now: accept(s, who, agreement_id, now))
        flash(_("Accepted."), "success")
        return redirect(safe_next(request.form.get("next"), url_for("catalogue.pools")))
    accepted = db.session().get(Acceptance, (agreement_id, actor().user_id))
    return render_template(
        "rules/accept.html", agreement=row, accepted=accepted,
        next=safe_next(request.args.get("next"), url_for("catalogue.pools")),
    )  # fmt: skip


def _agreement(kind: str, key: str) -> Answer:
    session = db.session()
    scope = visible_scope(session, actor(), kind, key)
    row = session.scalars(
        select(Agreement).filter_by(scope_kind=kind, scope_key=key, retired_at=None)
    ).one_or_none()
    form = AgreementForm(obj=row)
    if form.validate_on_submit():
        title, text = form.title.data or "", form.text.data or ""
        if row is not None and (row.title, row.text) == (title, text):
            return redirect(rules_address(kind, key))
        if saved(form, lambda s, who, now: set_agreement(s, who, scope.path, title, text, now)):
            flash(_("Saved. Everybody accepts it anew before the next booking."), "success")
            return redirect(rules_address(kind, key))
    return form_page(
        "rules/agreement.html", form, title=_title(scope), agreement=row, kind=kind,
        rules_url=rules_address(kind, key), **_around(scope),
    )  # fmt: skip


def _title(scope: Scope) -> str:
    if scope.kind == "park":
        return _("User agreement of the park")
    return _("User agreement: %(name)s", name=named(scope.name_zh, scope.name_en))


def _around(scope: Scope) -> dict[str, Any]:
    if scope.kind == "pool":
        return pool_values(int(scope.key))
    return {"pool": None, "plain": not sees_park_pages(actor())}
