"""The operator's pages of platforms."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.queries.lists import one
from booking.infra.db import db
from booking.inventory.forms.pools import PlatformForm
from booking.inventory.models import Platform
from booking.inventory.queries.editing import platforms
from booking.inventory.services.register import (
    create_platform,
    edit_platform,
    restore_platform,
    retire_platform,
)
from booking.web.access import park_permission
from booking.web.lists import asked, page_url
from booking.web.locale import named
from booking.web.paging import page_of
from booking.web.saving import confirmed, form_page, retiring_question, run, saved

blueprint = Blueprint("platforms", __name__, url_prefix="/park/platforms")
Answer = Response | str | tuple[str, int]


@blueprint.get("")
@park_permission("park.edit")
def list_platforms() -> str:
    """List the platforms."""
    wanted = asked()
    page = page_of(db.session(), platforms(wanted.q, retired=wanted.retired), wanted.number)
    return render_template("park/platforms.html", page=page, wanted=wanted, page_url=page_url)


@blueprint.route("/new", methods=["GET", "POST"])
@park_permission("park.edit")
def new_platform() -> Answer:
    """Create a platform."""
    form = PlatformForm()
    back = url_for("platforms.list_platforms")
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: create_platform(s, who, form.fields(), now)
    ):
        flash(_("Saved."), "success")
        return redirect(back)
    return form_page("park/form.html", form, title=_("New platform"), section="platforms",
                     above=[(_("Platforms"), back)], back=back)  # fmt: skip


@blueprint.route("/<int:platform_id>", methods=["GET", "POST"])
@park_permission("park.edit")
def platform(platform_id: int) -> Answer:
    """Change a platform."""
    form = PlatformForm(obj=one(db.session(), Platform, platform_id))
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: edit_platform(s, who, platform_id, form.fields(), now)
    ):
        flash(_("Saved."), "success")
        return redirect(url_for("platforms.list_platforms"))
    row = one(db.session(), Platform, platform_id)
    return form_page("park/platform.html", form, platform=row)


@blueprint.route("/<int:platform_id>/retire", methods=["GET", "POST"])
@park_permission("park.edit")
def retire(platform_id: int) -> Answer:
    """Ask, then retire a platform."""
    row = one(db.session(), Platform, platform_id)
    back = url_for("platforms.platform", platform_id=platform_id)
    after = url_for("platforms.list_platforms")
    question = retiring_question("platforms", named(row.name_zh, row.name_en), back, after)
    return confirmed(question, lambda s, who, now: retire_platform(s, who, platform_id, now))


@blueprint.post("/<int:platform_id>/restore")
@park_permission("park.edit")
def restore(platform_id: int) -> Response:
    """Bring a platform back."""
    run(lambda s, who, now: restore_platform(s, who, platform_id, now))
    return redirect(url_for("platforms.platform", platform_id=platform_id))
