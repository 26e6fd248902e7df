"""Pages of decider groups: of the park for operators, of a lab for its managers."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import Subject, may_look
from booking.companies.forms.deciders import DeciderGroupForm, MemberForm
from booking.companies.models import DeciderGroup
from booking.companies.queries.deciders import decider_groups, members_of
from booking.companies.queries.parties import lab_at
from booking.companies.services.deciders import (
    create_decider_group,
    join_decider_group,
    leave_decider_group,
    retire_decider_group,
)
from booking.core.errors import NotFound
from booking.infra.db import db
from booking.web.access import park_permission, sees_park_pages, signed_in
from booking.web.locale import named
from booking.web.login import actor
from booking.web.saving import form_page, run, saved

blueprint = Blueprint("deciders", __name__)
Answer = Response | str | tuple[str, int]


@blueprint.route("/park/deciders", methods=["GET", "POST"])
@park_permission("park.edit")
def park() -> Answer:
    """List the park's decider groups, and make one."""
    return _groups(None)


@blueprint.route("/manage/labs/<int:lab_id>/deciders", methods=["GET", "POST"])
@signed_in
def lab(lab_id: int) -> Answer:
    """List a lab's decider groups, and make one."""
    if not may_look(actor(), "pool.edit", Subject(lab_id=lab_id)):
        raise NotFound("lab")
    return _groups(lab_id)


@blueprint.post("/manage/deciders/<int:group_id>/members")
@signed_in
def add(group_id: int) -> Answer:
    """Take somebody into a group."""
    form, lab_id = MemberForm(prefix=f"g{group_id}"), _lab_of(group_id)
    email = form.email.data or ""
    if form.validate() and saved(
        form, lambda s, who, now: join_decider_group(s, who, group_id, email, now)
    ):
        flash(_("Saved."), "success")
        return redirect(_address(lab_id))
    return _page(lab_id, DeciderGroupForm(formdata=None), (group_id, form))


@blueprint.post("/manage/deciders/<int:group_id>/members/<int:user_id>/remove")
@signed_in
def remove(group_id: int, user_id: int) -> Response:
    """Take somebody out of a group."""
    lab_id = _lab_of(group_id)
    run(lambda s, who, now: leave_decider_group(s, who, group_id, user_id, now))
    flash(_("Saved."), "success")
    return redirect(_address(lab_id))


@blueprint.post("/manage/deciders/<int:group_id>/retire")
@signed_in
def retire(group_id: int) -> Response:
    """End a group."""
    lab_id = _lab_of(group_id)
    run(lambda s, who, now: retire_decider_group(s, who, group_id, now))
    flash(_("The group was ended."), "success")
    return redirect(_address(lab_id))


def _lab_of(group_id: int) -> int | None:
    """Return the lab of a group the reader looks after. Raises NotFound."""
    row = db.session().get(DeciderGroup, group_id)
    if row is None or row.retired_at is not None:
        raise NotFound("decider group")
    action = ("park.edit", Subject()) if row.lab_id is None else (
        "pool.edit", Subject(lab_id=row.lab_id)
    )  # fmt: skip
    if not may_look(actor(), *action):
        raise NotFound("decider group")
    return row.lab_id


def _groups(lab_id: int | None) -> Answer:
    form = DeciderGroupForm()
    zh, en = form.name_zh.data or "", form.name_en.data or ""
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: create_decider_group(s, who, lab_id, zh, en, now)
    ):
        flash(_("Created. Next: who is in it, and the rule that asks it."), "success")
        return redirect(_address(lab_id))
    return _page(lab_id, form)


def _page(
    lab_id: int | None, form: DeciderGroupForm, joining: tuple[int, MemberForm] | None = None
) -> tuple[str, int]:
    session = db.session()
    groups = list(session.scalars(decider_groups(lab_id)))
    forms = {row.id: MemberForm(formdata=None, prefix=f"g{row.id}") for row in groups}
    if joining is not None:
        forms[joining[0]] = joining[1]
    row = lab_at(session, lab_id)[0] if lab_id is not None else None
    page, _status = form_page(
        "park/deciders.html", form, groups=groups, forms=forms, lab_id=lab_id,
        members=members_of(session, [row.id for row in groups]),
        name=named(row.name_zh, row.name_en) if row else "",
        rules_url=url_for("rules.lab", lab_id=lab_id) if lab_id else url_for("rules.park"),
        plain=not sees_park_pages(actor()),
    )  # fmt: skip
    return page, 422 if form.errors or (joining and joining[1].errors) else 200


def _address(lab_id: int | None) -> str:
    return url_for("deciders.park") if lab_id is None else url_for("deciders.lab", lab_id=lab_id)
