"""The page on which people are tagged: by a lab's managers for its pools, by operators for all."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.errors import NotFound
from booking.infra.db import db
from booking.policies.forms.tags import TagForm
from booking.policies.models import PersonTag
from booking.policies.queries.own import visible_scope
from booking.policies.queries.tags import tagged
from booking.policies.services.tags import give_tag, take_tag
from booking.web.access import park_permission, sees_park_pages, signed_in
from booking.web.lists import asked, page_url
from booking.web.locale import named
from booking.web.login import actor
from booking.web.paging import page_of
from booking.web.saving import form_page, run, saved

blueprint = Blueprint("tags", __name__)
Answer = Response | str | tuple[str, int]


@blueprint.route("/park/tags", methods=["GET", "POST"])
@park_permission("park.edit")
def park() -> Answer:
    """List the tags that count everywhere, and give one."""
    return _tags(None)


@blueprint.route("/manage/labs/<int:lab_id>/tags", methods=["GET", "POST"])
@signed_in
def lab(lab_id: int) -> Answer:
    """List the tags that count at a lab's instruments, and give one."""
    return _tags(lab_id)


@blueprint.post("/manage/tags/<int:tag_id>/take")
@signed_in
def take(tag_id: int) -> Response:
    """Take a tag from a person."""
    row = db.session().get(PersonTag, tag_id)
    if row is None:
        raise NotFound("tag")
    lab_id = row.lab_id
    run(lambda s, who, now: take_tag(s, who, tag_id, now))
    flash(_("Saved."), "success")
    return redirect(_address(lab_id))


def _tags(lab_id: int | None) -> Answer:
    kind, key = ("park", "") if lab_id is None else ("lab", str(lab_id))
    scope = visible_scope(db.session(), actor(), kind, key)
    form = TagForm()
    if form.validate_on_submit():
        email, tag = form.email.data or "", form.tag.data or ""
        if saved(form, lambda s, who, now: give_tag(s, who, lab_id, email, tag, now)):
            flash(_("Saved."), "success")
            return redirect(_address(lab_id))
    wanted = asked()
    page = page_of(db.session(), tagged(lab_id, wanted.q), wanted.number)
    return form_page(
        "rules/tags.html", form, page=page, wanted=wanted, page_url=page_url,
        name=named(scope.name_zh, scope.name_en), lab_id=lab_id,
        rules_url=url_for("rules.park") if lab_id is None else url_for("rules.lab", lab_id=lab_id),
        plain=not sees_park_pages(actor()),
    )  # fmt: skip


def _address(lab_id: int | None) -> str:
    return url_for("tags.park") if lab_id is None else url_for("tags.lab", lab_id=lab_id)
