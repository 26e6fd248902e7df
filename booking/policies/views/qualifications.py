"""Pages of qualifications: who may operate a pool, or a class of instruments, at which level."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.zones import zone_for
from booking.policies.forms.people import QualifyForm
from booking.policies.queries.own import visible_scope
from booking.policies.queries.people import qualified
from booking.policies.services.qualifications import Grant, grant, revoke
from booking.policies.views.rules import address as rules_address
from booking.web.access import park_permission, signed_in
from booking.web.level_words import level_text
from booking.web.lists import asked, page_url
from booking.web.locale import named
from booking.web.login import actor
from booking.web.paging import page_of
from booking.web.pool_head import pool_values
from booking.web.saving import form_page, run, saved

blueprint = Blueprint("qualifications", __name__)
Answer = Response | str | tuple[str, int]


@blueprint.route("/manage/pools/<int:pool_id>/qualifications", methods=["GET", "POST"])
@signed_in
def pool(pool_id: int) -> Answer:
    """List who is qualified for an instrument group, and qualify someone."""
    return _edit("pool", str(pool_id))


@blueprint.route("/park/categories/<code>/qualifications", methods=["GET", "POST"])
@park_permission("park.edit")
def category(code: str) -> Answer:
    """List who is qualified for a class of instruments, and qualify someone."""
    return _edit("category", code)


@blueprint.post("/manage/qualifications/<int:qualification_id>/revoke")
@signed_in
def take(qualification_id: int) -> Response:
    """Revoke a qualification."""
    kind, key = run(lambda s, who, now: revoke(s, who, qualification_id, now))
    flash(_("Revoked. What is booked already stays as it is."), "success")
    return redirect(_address(kind, key))


def _edit(kind: str, key: str) -> Answer:
    session = db.session()
    scope = visible_scope(session, actor(), kind, key)
    form = QualifyForm()
    if form.validate_on_submit():
        wanted = Grant(
            form.email.data or "", form.level.data or 0, form.last_day.data, form.note.data or ""
        )
        if saved(form, lambda s, who, now: grant(s, who, scope.path, wanted, now)):
            flash(_("Saved."), "success")
            return redirect(_address(kind, key))
    around: dict[str, Any] = {"pool": None, "plain": False}
    if kind == "pool":
        around = pool_values(int(key))
    zone = zone_for(db.session(), [around["site"].id] if kind == "pool" else [])
    found = asked()
    page = page_of(db.session(), qualified(kind, key, found.q, clock.now()), found.number)
    return form_page(
        "rules/qualifications.html", form, page=page, wanted=found, page_url=page_url, kind=kind,
        name=named(scope.name_zh, scope.name_en), zone=zone,
        rules_url=rules_address(kind, key), level_text=level_text, **around,
    )  # fmt: skip


def _address(kind: str, key: str) -> str:
    place: dict[str, Any] = {"pool_id": key} if kind == "pool" else {"code": key}
    return url_for(f"qualifications.{kind}", **place)
