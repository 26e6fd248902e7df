"""The page of rules at each place of the tree: what holds, where it is set, and setting it."""

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from booking.companies.queries.deciders import groups_to_ask
from booking.core.errors import NotFound, Stale
from booking.infra.db import db, write
from booking.inventory.models import Pool
from booking.inventory.queries.editing import category_choices
from booking.inventory.services.pools import set_approval
from booking.policies.forms.rules import (
    changes_of,
    complete,
    form_class,
    kinds_at,
    offer_groups,
    presented,
)
from booking.policies.queries.editor import (
    Held,
    Names,
    group_choices,
    group_values,
    held_rules,
    scope_names,
)
from booking.policies.queries.own import Own, Scope, own_settings, visible_scope
from booking.policies.rules.settings import Change, fingerprint, is_group
from booking.policies.services.buffers import refresh_buffers, settle_buffers, unsettled
from booking.policies.services.settings import change_rules
from booking.policies.views.effects import Effects, effects
from booking.web.access import park_permission, sees_park_pages, signed_in
from booking.web.locale import named
from booking.web.login import actor
from booking.web.messages import text_of
from booking.web.pool_head import pool_values
from booking.web.rule_words import (
    group_text,
    origin_text,
    rule_hint,
    rule_text,
    section_text,
    value_text,
)
from booking.web.saving import form_page, saved

blueprint = Blueprint("rules", __name__)
Answer = Response | str | tuple[str, int]
ADDRESSES = {"site": "site_id", "lab": "lab_id", "pool": "pool_id", "category": "code"}


@blueprint.route("/park/rules", methods=["GET", "POST"])
@park_permission("park.edit")
def park() -> Answer:
    """Show and change the rules of the whole park."""
    return _edit("park", "")


@blueprint.route("/park/sites/<int:site_id>/rules", methods=["GET", "POST"])
@park_permission("park.edit")
def site(site_id: int) -> Answer:
    """Show and change the rules of a site."""
    return _edit("site", str(site_id))


@blueprint.route("/park/categories/<code>/rules", methods=["GET", "POST"])
@park_permission("park.edit")
def category(code: str) -> Answer:
    """Show and change the rules of a class of instruments and all below it."""
    return _edit("category", code)


@blueprint.route("/manage/labs/<int:lab_id>/rules", methods=["GET", "POST"])
@signed_in
def lab(lab_id: int) -> Answer:
    """Show and change the rules of a lab's instruments."""
    return _edit("lab", str(lab_id))


@blueprint.route("/manage/pools/<int:pool_id>/rules", methods=["GET", "POST"])
@signed_in
def pool(pool_id: int) -> Answer:
    """Show and change how one instrument group is booked."""
    return _edit("pool", str(pool_id))


def address(kind: str, key: str, **more: Any) -> str:
    """Return the address of a place's page of rules."""
    place: dict[str, Any] = {ADDRESSES[kind]: key} if kind in ADDRESSES else {}
    return url_for(f"rules.{kind}", **place, **more)


def _edit(kind: str, key: str) -> Answer:
    """Show the rules of a place, for everyone or for `?group=`; POST saves them."""
    session, who, group = db.session(), actor(), _asked_group()
    scope = visible_scope(session, who, kind, key)
    own = own_settings(session, scope)
    form = form_class(kind, grouped=bool(group))(data=_first(scope, own, group))
    offer_groups(form, _deciders(scope, own))
    if form.validate_on_submit() and complete(form, kinds_at(kind, grouped=bool(group))):
        changes = changes_of(form, kind, group)
        found = effects(scope, changes)
        if found.asks(request.form):
            return _page(scope, own, form, group, found)
        if _saved(form, scope, changes):
            flash(_("Saved. What is booked already stays as it is."), "success")
            return redirect(address(kind, key))
        own = own_settings(db.session(), scope)
    return _page(scope, own, form, group)


def _deciders(scope: Scope, own: Own) -> dict[int, str]:
    """Return the decider groups that may be named here, and the one named already."""
    kept = own.get(("group_decides", ""), (0, False))[0]
    found = groups_to_ask(db.session(), scope.lab_id, kept)
    return {row.id: named(row.name_zh, row.name_en) for row in found}


def _first(scope: Scope, own: Own, group: str) -> dict[str, Any]:
    data = {**presented(scope.kind, own, group), "seen": fingerprint(own)}
    if scope.kind == "pool" and not group:
        data["approval"] = db.session().get_one(Pool, int(scope.key)).approval
    return data


def _saved(form: FlaskForm, scope: Scope, changes: list[Change]) -> bool:
    """Save and return True; or let the form say why not, keeping what was typed."""
    typed = str(form["seen"].data or "")
    seen = int(typed) if typed.isascii() and typed.isdigit() else 0

    def work(session: Any, who: Any, now: Any) -> bool:
        buffers = change_rules(session, who, scope.path, changes, now, seen)
        if "approval" in form:
            set_approval(session, who, int(scope.key), form["approval"].data or "", now)
        return buffers

    try:
        buffers = saved(form, work)
    except Stale as refusal:
        form.form_errors.append(text_of(refusal))
        form["seen"].data = str(refusal.parameters["actual"])
        return False
    if buffers:
        _spread()
    return buffers is not None


def _spread() -> None:
    """Give the pools their buffers at once; what is left when this ends early, a job finishes."""
    for lot in unsettled(db.session()) or ():
        write(partial(refresh_buffers, pool_ids=lot))
    write(settle_buffers)


def _asked_group() -> str:
    """Return the group asked for by `?group=`, or `?tag=`. Raises NotFound for what is none."""
    tag = " ".join(request.args.get("tag", "").split())
    group = f"tag:{tag}" if tag else request.args.get("group", "")
    if group and not is_group(group):
        raise NotFound("group")
    return group


def _page(
    scope: Scope, own: Own, form: FlaskForm, group: str, found: Effects | None = None
) -> tuple[str, int]:
    session = db.session()
    kinds = kinds_at(scope.kind, grouped=bool(group))
    held = held_rules(session, scope, own, kinds)
    values = group_values(own)
    paths = [one.origin for one in held] + [one.inherited_from for one in held]
    groups = {_parts(one.group) for one in values} | ({_parts(group)} if group else set())
    names = scope_names(session, [*paths, *groups])
    return form_page(
        "rules/editor.html", form,
        scope=scope, group=group, group_name=group_text(group, names) if group else "",
        sections=_sections(held, names), groups=_grouped(values, names),
        choices=group_choices(session, scope.lab_id) if not group else {},
        here_url=address(scope.kind, scope.key), effects=found, words=Words,
        classes=category_choices(session) if scope.kind in ("park", "category") else (),
        title=_title(scope), **_around(scope),
    )  # fmt: skip


class Words:
    """The words of rules, for templates."""

    rule = staticmethod(rule_text)
    hint = staticmethod(rule_hint)
    value = staticmethod(value_text)
    section = staticmethod(section_text)
    group = staticmethod(group_text)


def _sections(held: list[Held], names: Names) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the rules by section, each with its words."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in held:
        name = one.kind.name
        found.setdefault(one.kind.section, []).append({
            "name": name, "kind": one.kind, "own": one.own,
            "value": value_text(name, one.value),
            "inherited": value_text(name, one.inherited),
            "from": origin_text(one.inherited_from[0], names.get(one.inherited_from, ("", ""))),
        })  # fmt: skip
    return [(section_text(section), rows) for section, rows in found.items()]


def _grouped(values: Any, names: Names) -> list[tuple[str, str, list[Any]]]:
    found: dict[str, list[Any]] = {}
    for one in values:
        found.setdefault(one.group, []).append(one)
    return [(group, group_text(group, names), rows) for group, rows in found.items()]


def _parts(group: str) -> tuple[str, str]:
    kind, _colon, key = group.partition(":")
    return (kind, key)


def _title(scope: Scope) -> str:
    if scope.kind == "park":
        return _("Booking rules of the park")
    return _("Booking rules: %(name)s", name=named(scope.name_zh, scope.name_en))


def _around(scope: Scope) -> dict[str, Any]:
    """Return what the frame of the page needs: a pool's head, or the way above."""
    if scope.kind == "pool":
        return pool_values(int(scope.key))
    crumbs = {
        "lab": [(_("Instrument groups"), url_for("manage.list_pools", lab=scope.key))],
        "site": [(_("Sites"), url_for("places.list_sites"))],
    }.get(scope.kind, [])
    return {"pool": None, "crumbs": crumbs, "plain": not sees_park_pages(actor())}
