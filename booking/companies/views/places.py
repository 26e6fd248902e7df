"""The operator's pages of sites, buildings and rooms."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.forms.places import BuildingForm, RoomForm, SiteForm
from booking.companies.models import Building, Room, Site
from booking.companies.queries.lists import one
from booking.companies.queries.places import building_at, buildings_of, room_at, rooms_of, sites
from booking.companies.services.register import create_thing, restore_thing
from booking.infra.db import db
from booking.inventory.services.register import rename_thing, retire_place
from booking.web.access import park_permission
from booking.web.lists import asked, page_url
from booking.web.locale import named
from booking.web.paging import page_of
from booking.web.saving import confirmed, form_page, retiring_question, run, saved

blueprint = Blueprint("places", __name__, url_prefix="/park")
Answer = Response | str | tuple[str, int]


@blueprint.get("/sites")
@park_permission("park.edit")
def list_sites() -> str:
    """List the sites."""
    wanted = asked()
    page = page_of(db.session(), sites(wanted.q, retired=wanted.retired), wanted.number)
    return render_template("park/sites.html", page=page, wanted=wanted, page_url=page_url)


@blueprint.route("/sites/new", methods=["GET", "POST"])
@park_permission("park.edit")
def new_site() -> Answer:
    """Create a site."""
    form = SiteForm()
    if form.validate_on_submit():
        site_id = saved(form, lambda s, who, now: create_thing(s, who, form.fields(), now))
        if site_id:
            flash(_("The site was created. Add its buildings, if you like."), "success")
            return redirect(url_for("places.site", site_id=site_id))
    back = url_for("places.list_sites")
    return form_page("park/form.html", form, title=_("New site"), section="sites",
                     above=[(_("Sites"), back)], back=back)  # fmt: skip


@blueprint.route("/sites/<int:site_id>", methods=["GET", "POST"])
@park_permission("park.edit")
def site(site_id: int) -> Answer:
    """Show a site with its buildings, and change it."""
    row = one(db.session(), Site, site_id)
    form = SiteForm(obj=row)
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: rename_thing(s, who, site_id, form.fields(), now)
    ):
        flash(_("Saved."), "success")
        return redirect(url_for("places.site", site_id=site_id))
    row = one(db.session(), Site, site_id)
    buildings = buildings_of(db.session(), site_id)
    return form_page("park/site.html", form, site=row, buildings=buildings)


@blueprint.route("/sites/<int:site_id>/retire", methods=["GET", "POST"])
@park_permission("park.edit")
def retire_site(site_id: int) -> Answer:
    """Ask, then retire a site."""
    row = one(db.session(), Site, site_id)
    back = url_for("places.site", site_id=site_id)
    question = retiring_question(
        "sites", named(row.name_zh, row.name_en), back, url_for("places.list_sites")
    )
    return confirmed(question, lambda s, who, now: retire_place(s, who, Site, site_id, now))


@blueprint.post("/sites/<int:site_id>/restore")
@park_permission("park.edit")
def restore_site(site_id: int) -> Response:
    """Bring a site back."""
    run(lambda s, who, now: restore_thing(s, who, Site, site_id, now))
    return redirect(url_for("places.site", site_id=site_id))


@blueprint.route("/sites/<int:site_id>/buildings/new", methods=["GET", "POST"])
@park_permission("park.edit")
def new_building(site_id: int) -> Answer:
    """Create a building of a site."""
    row = one(db.session(), Site, site_id)
    above = _above(row)
    form = BuildingForm()
    if form.validate_on_submit():
        key = saved(form, lambda s, who, now: create_thing(s, who, form.fields(site_id), now))
        if key:
            flash(_("The building was created. Add its rooms, if you like."), "success")
            return redirect(url_for("places.building", building_id=key))
    return form_page("park/form.html", form, title=_("New building"), section="sites",
                     above=above, back=above[-1][1])  # fmt: skip


@blueprint.route("/buildings/<int:building_id>", methods=["GET", "POST"])
@park_permission("park.edit")
def building(building_id: int) -> Answer:
    """Show a building with its rooms, and change it."""
    row, _site = building_at(db.session(), building_id)
    form, site_id = BuildingForm(obj=row), row.site_id
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: rename_thing(s, who, building_id, form.fields(site_id), now)
    ):
        flash(_("Saved."), "success")
        return redirect(url_for("places.building", building_id=building_id))
    row, its_site = building_at(db.session(), building_id)
    rooms = rooms_of(db.session(), building_id)
    return form_page("park/building.html", form, building=row, rooms=rooms, above=_above(its_site))


@blueprint.route("/buildings/<int:building_id>/retire", methods=["GET", "POST"])
@park_permission("park.edit")
def retire_building(building_id: int) -> Answer:
    """Ask, then retire a building."""
    row, its_site = building_at(db.session(), building_id)
    back = url_for("places.building", building_id=building_id)
    question = retiring_question(
        "sites", named(row.name_zh, row.name_en), back, _above(its_site)[-1][1]
    )
    return confirmed(question, lambda s, who, now: retire_place(s, who, Building, building_id, now))


@blueprint.post("/buildings/<int:building_id>/restore")
@park_permission("park.edit")
def restore_building(building_id: int) -> Response:
    """Bring a building back."""
    run(lambda s, who, now: restore_thing(s, who, Building, building_id, now))
    return redirect(url_for("places.building", building_id=building_id))


@blueprint.route("/buildings/<int:building_id>/rooms/new", methods=["GET", "POST"])
@park_permission("park.edit")
def new_room(building_id: int) -> Answer:
    """Create a room of a building."""
    row, its_site = building_at(db.session(), building_id)
    above = _above(its_site, row)
    form = RoomForm()
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: create_thing(s, who, form.fields(building_id), now)
    ):
        flash(_("The room was created."), "success")
        return redirect(above[-1][1])
    return form_page("park/form.html", form, title=_("New room"), section="sites",
                     above=above, back=above[-1][1])  # fmt: skip


@blueprint.route("/rooms/<int:room_id>", methods=["GET", "POST"])
@park_permission("park.edit")
def room(room_id: int) -> Answer:
    """Change a room."""
    row, its_building, _site = room_at(db.session(), room_id)
    form, building_id = RoomForm(obj=row), row.building_id
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: rename_thing(s, who, room_id, form.fields(building_id), now)
    ):
        flash(_("Saved."), "success")
        return redirect(url_for("places.building", building_id=building_id))
    row, its_building, its_site = room_at(db.session(), room_id)
    return form_page("park/room.html", form, room=row, above=_above(its_site, its_building))


@blueprint.route("/rooms/<int:room_id>/retire", methods=["GET", "POST"])
@park_permission("park.edit")
def retire_room(room_id: int) -> Answer:
    """Ask, then retire a room."""
    row, its_building, its_site = room_at(db.session(), room_id)
    back = url_for("places.room", room_id=room_id)
    question = retiring_question("sites", row.name, back, _above(its_site, its_building)[-1][1])
    return confirmed(question, lambda s, who, now: retire_place(s, who, Room, room_id, now))


@blueprint.post("/rooms/<int:room_id>/restore")
@park_permission("park.edit")
def restore_room(room_id: int) -> Response:
    """Bring a room back."""
    run(lambda s, who, now: restore_thing(s, who, Room, room_id, now))
    return redirect(url_for("places.room", room_id=room_id))


def _above(its_site: Site, its_building: Building | None = None) -> list[tuple[str, str]]:
    """Return the pages above, outermost first."""
    found = [
        (_("Sites"), url_for("places.list_sites")),
        (
            named(its_site.name_zh, its_site.name_en),
            url_for("places.site", site_id=its_site.id),
        ),
    ]
    if its_building is not None:
        name = named(its_building.name_zh, its_building.name_en)
        found.append((name, url_for("places.building", building_id=its_building.id)))
    return found
