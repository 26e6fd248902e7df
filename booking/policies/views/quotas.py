"""Pages of quotas at each place of the tree: what is set there, setting one, ending one."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.infra.db import db
from booking.policies.forms.people import QuotaForm
from booking.policies.queries.editor import group_choices, scope_names
from booking.policies.queries.own import Scope, visible_scope
from booking.policies.queries.people import quotas_at
from booking.policies.services.quotas import end_quota, set_quota
from booking.policies.views.rules import ADDRESSES
from booking.policies.views.rules import address as rules_address
from booking.web.access import park_permission, sees_park_pages, signed_in
from booking.web.fields import options
from booking.web.locale import named
from booking.web.login import actor
from booking.web.pool_head import pool_values
from booking.web.quota_words import quota_text, row_of
from booking.web.rule_words import group_text
from booking.web.saving import form_page, run, saved

blueprint = Blueprint("quotas", __name__)
Answer = Response | str | tuple[str, int]


@blueprint.route("/park/quotas", methods=["GET", "POST"])
@park_permission("park.edit")
def park() -> Answer:
    """Show and set the quotas of the whole park."""
    return _edit("park", "")


@blueprint.route("/park/sites/<int:site_id>/quotas", methods=["GET", "POST"])
@park_permission("park.edit")
def site(site_id: int) -> Answer:
    """Show and set the quotas of a site."""
    return _edit("site", str(site_id))


@blueprint.route("/park/categories/<code>/quotas", methods=["GET", "POST"])
@park_permission("park.edit")
def category(code: str) -> Answer:
    """Show and set the quotas of a class of instruments and all below it."""
    return _edit("category", code)


@blueprint.route("/manage/labs/<int:lab_id>/quotas", methods=["GET", "POST"])
@signed_in
def lab(lab_id: int) -> Answer:
    """Show and set the quotas of a lab's instruments together."""
    return _edit("lab", str(lab_id))


@blueprint.route("/manage/pools/<int:pool_id>/quotas", methods=["GET", "POST"])
@signed_in
def pool(pool_id: int) -> Answer:
    """Show and set the quotas of one instrument group."""
    return _edit("pool", str(pool_id))


@blueprint.post("/manage/quotas/<int:quota_id>/end")
@signed_in
def end(quota_id: int) -> Response:
    """End a quota."""
    kind, key = run(lambda s, who, now: end_quota(s, who, quota_id, now))
    flash(_("The quota has ended."), "success")
    return redirect(_address(kind, key))


def _edit(kind: str, key: str) -> Answer:
    session = db.session()
    scope = visible_scope(session, actor(), kind, key)
    form = QuotaForm(data=QuotaForm.lines(None))
    form.group.choices = _groups(scope)
    if form.validate_on_submit():
        wanted = form.wanted()
        if saved(form, lambda s, who, now: set_quota(s, who, scope.path, wanted, now)):
            flash(_("Saved. What is booked already stays as it is."), "success")
            return redirect(_address(kind, key))
    rows = quotas_at(db.session(), scope)
    groups = [(row.group_kind, row.group_key) for row in rows if row.group_kind]
    names = scope_names(db.session(), groups)
    return form_page(
        "rules/quotas.html", form, scope=scope,
        quotas=[(row.id, quota_text(row_of(row), names)) for row in rows],
        title=_title(scope), rules_url=rules_address(kind, key), **_around(scope),
    )  # fmt: skip


def _groups(scope: Scope) -> list[Any]:
    found = options({"": _("everyone")})
    for kind, rows in group_choices(db.session(), scope.lab_id).items():
        labels = {f"{kind}:{k}": group_text(f"{kind}:{k}", {(kind, k): (zh, en)})
                  for k, zh, en in rows}  # fmt: skip
        found += options(labels)
    return found


def _title(scope: Scope) -> str:
    if scope.kind == "park":
        return _("Quotas of the park")
    return _("Quotas: %(name)s", name=named(scope.name_zh, scope.name_en))


def _around(scope: Scope) -> dict[str, Any]:
    if scope.kind == "pool":
        return pool_values(int(scope.key))
    return {"pool": None, "plain": not sees_park_pages(actor())}


def _address(kind: str, key: str) -> str:
    place: dict[str, Any] = {ADDRESSES[kind]: key} if kind in ADDRESSES else {}
    return url_for(f"quotas.{kind}", **place)
