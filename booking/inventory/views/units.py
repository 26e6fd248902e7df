"""Pages with which a lab's managers, and operators, look after units."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.queries.lists import Choice
from booking.companies.queries.places import rooms_at_site
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.forms.pools import UNIT_KINDS, UnitsForm
from booking.inventory.forms.units import UnitForm
from booking.inventory.models import BOOKABLE_STATES, Pool, Unit
from booking.inventory.queries.editing import (
    units_to_edit,
    visible_pool_settings,
    visible_unit_settings,
)
from booking.inventory.services.pools import add_unit, add_units
from booking.reservations.services.breakdown import edit_unit_in_use, is_in_use
from booking.reservations.services.retiring import restore_unit, retire_unit, unit_gone
from booking.web.access import signed_in
from booking.web.dealing import ended
from booking.web.lists import asked, page_url
from booking.web.locale import named
from booking.web.login import actor
from booking.web.paging import page_of
from booking.web.pool_head import pool_values
from booking.web.saving import form_page, retiring_question, run, saved

blueprint = Blueprint("units", __name__, url_prefix="/manage")
Answer = Response | str | tuple[str, int]


@blueprint.route("/pools/<int:pool_id>/units", methods=["GET", "POST"])
@signed_in
def list_units(pool_id: int) -> Answer:
    """List the units of a pool, and add several at once."""
    values = pool_values(pool_id)
    form = UnitsForm()
    if form.validate_on_submit():
        kind, units = form.kind.data or "", form.units.data or 0
        if saved(form, lambda s, who, now: add_units(s, who, pool_id, kind, units, now)):
            flash(_("Added: %(count)s.", count=units), "success")
            return redirect(url_for("units.list_units", pool_id=pool_id))
        values = pool_values(pool_id)
    page = page_of(db.session(), units_to_edit(pool_id), asked().number)
    return form_page("manage/units.html", form, page=page, page_url=page_url, kinds=UNIT_KINDS,
                     **values)  # fmt: skip


@blueprint.route("/pools/<int:pool_id>/units/new", methods=["GET", "POST"])
@signed_in
def new_unit(pool_id: int) -> Answer:
    """Add one unit."""
    row = visible_pool_settings(db.session(), actor(), pool_id)
    form = UnitForm()
    _offer_rooms(form, row, None)
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: add_unit(s, who, pool_id, form.fields(), now)
    ):
        flash(_("The unit was added."), "success")
        return redirect(url_for("units.list_units", pool_id=pool_id))
    return form_page("manage/unit.html", form, unit=None, **pool_values(pool_id))


@blueprint.route("/units/<int:unit_id>", methods=["GET", "POST"])
@signed_in
def unit(unit_id: int) -> Answer:
    """Show a unit, and change it."""
    row, its_pool = visible_unit_settings(db.session(), actor(), unit_id)
    pool_id = its_pool.id
    form = UnitForm(obj=row)
    _offer_rooms(form, its_pool, row)
    if form.validate_on_submit():
        fields, hit = form.fields(), False
        if row.state in BOOKABLE_STATES and fields.state not in BOOKABLE_STATES:
            hit = is_in_use(db.session(), unit_id, clock.now())
        # Who is hit is shown first; until that is settled the unit stays in service.
        kept = replace(fields, state=row.state) if hit else fields
        if saved(form, lambda s, who, now: edit_unit_in_use(s, who, unit_id, kept, now)):
            if hit:
                return redirect(url_for("reservations.out_of_service", unit_id=unit_id))
            flash(_("Saved. What is booked on it already stays."), "success")
            return redirect(url_for("units.list_units", pool_id=pool_id))
    row, _pool = visible_unit_settings(db.session(), actor(), unit_id)
    return form_page("manage/unit.html", form, unit=row, **pool_values(pool_id))


@blueprint.route("/units/<int:unit_id>/retire", methods=["GET", "POST"])
@signed_in
def retire(unit_id: int) -> Answer:
    """Ask, then retire a unit."""
    row, its_pool = visible_unit_settings(db.session(), actor(), unit_id)
    name = row.name or row.asset_no or row.serial or f"#{row.id}"
    question = retiring_question(
        "pools", f"{named(its_pool.name_zh, its_pool.name_en)} · {name}",
        url_for("units.unit", unit_id=unit_id),
        url_for("units.list_units", pool_id=its_pool.id),
    )  # fmt: skip
    return ended(
        question,
        lambda s, who, now, dealing: retire_unit(s, who, unit_id, now, dealing),
        lambda _session: [unit_gone(its_pool.id, unit_id, clock.now())],
    )


@blueprint.post("/units/<int:unit_id>/restore")
@signed_in
def restore(unit_id: int) -> Response:
    """Bring a unit back, in service."""
    run(lambda s, who, now: restore_unit(s, who, unit_id, now))
    return redirect(url_for("units.unit", unit_id=unit_id))


def _offer_rooms(form: UnitForm, its_pool: Pool, row: Unit | None) -> None:
    rooms = rooms_at_site(db.session(), its_pool.site_id)
    kept = row.room_id if row else None
    if kept is not None and kept not in {room.id for room in rooms}:
        retired = _("A retired room")
        rooms.append(Choice(kept, retired, retired))
    form.room_id.offer(rooms, _("none"))
