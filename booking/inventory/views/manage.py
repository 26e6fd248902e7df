"""Pages with which a lab's managers, and operators, look after pools."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import may
from booking.companies.queries.parties import lab_choices, site_choices
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.infra.db import db
from booking.infra.pictures.read import CONTENT_TYPE, small_picture
from booking.inventory.forms.pools import LabForm, NewPoolForm, PhotoForm, PoolForm
from booking.inventory.models import Pool
from booking.inventory.queries.editing import (
    category_choices,
    platform_choices,
    visible_pool_settings,
    visible_pools_to_edit,
)
from booking.inventory.services.pools import create_pool, edit_pool, hand_over, set_photo
from booking.reservations.services.retiring import pool_gone, restore_pool, retire_pool
from booking.web.access import sees_park_pages, signed_in
from booking.web.dealing import ended
from booking.web.fields import options
from booking.web.lists import asked, asked_id, page_url
from booking.web.locale import named
from booking.web.login import actor
from booking.web.messages import text_of
from booking.web.paging import page_of
from booking.web.pool_head import pool_values
from booking.web.saving import form_page, retiring_question, run, saved
from booking.web.shell import NavItem
from booking.web.uploads import Received, keep

blueprint = Blueprint("manage", __name__, url_prefix="/manage/pools")
Answer = Response | str | tuple[str, int]
_PAGES = {"manage", "units", "regroup", "rules", "tags", "quotas", "qualifications", "questions"}
# Pages of the lab, wherever they are written.
_ELSEWHERE = {
    "reservations.care", "reservations.close_unit", "reservations.out_of_service",
    "reservations.queue", "reservations.reports",
}  # fmt: skip


def nav(who: Actor) -> list[NavItem]:
    """Return a lab manager's entry of the main navigation; operators find it in the park's."""
    if may(who, "park.read") or not who.managed_lab_ids:
        return []
    active = request.blueprint in _PAGES or request.endpoint in _ELSEWHERE
    return [NavItem(_("My instruments"), url_for("manage.list_pools"), "tools", active)]


@blueprint.get("")
@signed_in
def list_pools() -> str:
    """List the pools the person may edit."""
    who, wanted, lab_id = _manager(), asked(), asked_id("lab")
    query = visible_pools_to_edit(who, wanted.q, lab_id, retired=wanted.retired)
    return render_template(
        "manage/pools.html", page=page_of(db.session(), query, wanted.number), wanted=wanted,
        labs=_labs(who), lab_id=lab_id, page_url=page_url, plain=not sees_park_pages(who),
    )  # fmt: skip


@blueprint.route("/new", methods=["GET", "POST"])
@signed_in
def new_pool() -> Answer:
    """Create a pool with its first units; `?lab=` chooses whose."""
    who = _manager()
    form = NewPoolForm(lab_id=asked_id("lab"), units=1)
    _offer(form, None)
    labs = _labs(who)
    form.lab_id.offer(labs, None if len(labs) == 1 else _("Please choose"))
    if form.validate_on_submit():
        lab_id, kind, units = form.lab_id.data or 0, form.kind.data or "", form.units.data or 0
        key = saved(
            form, lambda s, who, now: create_pool(s, who, lab_id, form.fields(), kind, units, now)
        )
        if key:
            flash(
                _("Created. Next: its booking rules. What stays empty follows the park."), "success"
            )
            return redirect(url_for("rules.pool", pool_id=key))
    return form_page("manage/new_pool.html", form, plain=not sees_park_pages(who), labs=labs)


@blueprint.route("/<int:pool_id>", methods=["GET", "POST"])
@signed_in
def pool(pool_id: int) -> Answer:
    """Show what a pool is, and change it."""
    row = visible_pool_settings(db.session(), actor(), pool_id)
    form = PoolForm(obj=row)
    _offer(form, row)
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: edit_pool(s, who, pool_id, form.fields(), now)
    ):
        flash(_("Saved."), "success")
        return redirect(url_for("manage.pool", pool_id=pool_id))
    return form_page("manage/pool.html", form, **pool_values(pool_id))


@blueprint.route("/<int:pool_id>/picture", methods=["GET", "POST"])
@signed_in
def picture(pool_id: int) -> Answer:
    """Show the picture, and take another."""
    visible_pool_settings(db.session(), actor(), pool_id)
    form = PhotoForm()
    if form.validate_on_submit():
        small = _shrunk(form)
        if small is not None:
            kept = keep(Received("photo.webp", CONTENT_TYPE, small), actor().user_id)
            run(lambda s, who, now: set_photo(s, who, pool_id, kept, now))
            flash(_("Saved."), "success")
            return redirect(url_for("manage.picture", pool_id=pool_id))
    return form_page("manage/picture.html", form, **pool_values(pool_id))


@blueprint.post("/<int:pool_id>/picture/remove")
@signed_in
def remove_picture(pool_id: int) -> Response:
    """Forget the picture."""
    run(lambda s, who, now: set_photo(s, who, pool_id, None, now))
    flash(_("The picture was removed."), "success")
    return redirect(url_for("manage.picture", pool_id=pool_id))


@blueprint.route("/<int:pool_id>/retire", methods=["GET", "POST"])
@signed_in
def retire(pool_id: int) -> Answer:
    """Ask, then retire a pool with its units."""
    row = visible_pool_settings(db.session(), actor(), pool_id)
    question = retiring_question(
        "pools", named(row.name_zh, row.name_en),
        url_for("manage.pool", pool_id=pool_id), url_for("manage.list_pools"),
    )  # fmt: skip
    return ended(
        question,
        lambda s, who, now, dealing: retire_pool(s, who, pool_id, now, dealing),
        lambda _session: [pool_gone(pool_id)],
    )


@blueprint.post("/<int:pool_id>/restore")
@signed_in
def restore(pool_id: int) -> Response:
    """Bring a pool back with its units; sharing is agreed anew."""
    run(lambda s, who, now: restore_pool(s, who, pool_id, now))
    flash(_("Brought back with its units. It is not shared until that is agreed anew."), "success")
    return redirect(url_for("manage.pool", pool_id=pool_id))


@blueprint.route("/<int:pool_id>/lab", methods=["GET", "POST"])
@signed_in
def lab(pool_id: int) -> Answer:
    """Hand a pool over to another lab of its institution, among those the person looks after."""
    who = actor()
    row = visible_pool_settings(db.session(), who, pool_id)
    form = LabForm(obj=row)
    form.lab_id.offer(_labs(who, row.institution_id))
    if form.validate_on_submit():
        lab_id = form.lab_id.data or 0
        if saved(form, lambda s, who, now: hand_over(s, who, pool_id, lab_id, now)):
            flash(_("Saved."), "success")
            return redirect(url_for("manage.pool", pool_id=pool_id))
    back = url_for("manage.pool", pool_id=pool_id)
    above = [(_("Instrument groups"), url_for("manage.list_pools")),
             (named(row.name_zh, row.name_en), back)]  # fmt: skip
    return form_page("park/form.html", form, title=_("Hand over to another lab"), section="pools",
                     above=above, back=back, plain=not sees_park_pages(who))  # fmt: skip


def _manager() -> Actor:
    """Return the acting person. Raises NotFound unless there are pools they may edit."""
    who = actor()
    if not may(who, "pool.read") and not who.managed_lab_ids:
        raise NotFound("page")
    return who


def _labs(who: Actor, institution_id: int | None = None) -> list[Any]:
    mine = None if may(who, "pool.read") else who.managed_lab_ids
    return lab_choices(db.session(), mine, institution_id)


def _offer(form: PoolForm, row: Pool | None) -> None:
    sites = site_choices(db.session(), row.site_id if row else None)
    form.site_id.offer(sites, None if len(sites) == 1 else _("Please choose"))
    form.platform_id.offer(
        platform_choices(db.session(), row.platform_id if row else None), _("none")
    )
    offered, top = options({"": _("none")}), ""
    for node in category_choices(db.session()):
        name = named(node.name_zh, node.name_en)
        if node.parent_code is None:
            top = name
        offered += options({node.code: f"{node.code} {name}"}, top)
    form.category_code.choices = offered


def _shrunk(form: PhotoForm) -> bytes | None:
    # Before the transaction: reading a picture takes a process of its own, and some time.
    try:
        return small_picture(form.photo.data.read())
    except Invalid as refusal:
        form.photo.errors = [text_of(refusal)]
        return None
