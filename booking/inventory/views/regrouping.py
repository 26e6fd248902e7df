"""Pages on which a unit changes its instrument group, and a group is split."""

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from booking.core.errors import WrongState
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.forms.units import SplitForm
from booking.inventory.models import Unit
from booking.inventory.queries.editing import visible_pool_settings, visible_unit_settings
from booking.inventory.queries.regrouping import visible_pools_to_join
from booking.reservations.rules.dealing import KEEP
from booking.reservations.services.regrouping import (
    Split,
    regroup_unit,
    split_pool,
    units_leave,
)
from booking.web.access import sees_park_pages, signed_in
from booking.web.arguments import id_of
from booking.web.dealing import ended
from booking.web.fields import options
from booking.web.lists import asked, page_url
from booking.web.locale import named
from booking.web.login import actor
from booking.web.paging import page_of
from booking.web.saving import Question

blueprint = Blueprint("regroup", __name__, url_prefix="/manage")


@blueprint.get("/units/<int:unit_id>/group")
@signed_in
def choose(unit_id: int) -> str:
    """List the groups a unit could go to."""
    who, wanted = actor(), asked()
    unit, its_pool = visible_unit_settings(db.session(), who, unit_id)
    page = page_of(db.session(), visible_pools_to_join(who, its_pool, wanted.q), wanted.number)
    return render_template(
        "manage/regroup.html", unit=unit, name=unit_name(unit), pool=its_pool, page=page,
        wanted=wanted, page_url=page_url, plain=not sees_park_pages(who),
    )  # fmt: skip


@blueprint.route("/units/<int:unit_id>/group/<int:pool_id>", methods=["GET", "POST"])
@signed_in
def unit(unit_id: int, pool_id: int) -> Response | tuple[str, int]:
    """Show who is hit, ask, then move a unit to another group."""
    row, its_pool = visible_unit_settings(db.session(), actor(), unit_id)
    target = visible_pool_settings(db.session(), actor(), pool_id)
    there, name = named(target.name_zh, target.name_en), unit_name(row)
    question = Question(
        title=_("Move %(name)s to %(group)s?", name=name, group=there),
        text=_(
            "From then on it is booked there, by the rules of that group. What is kept on it goes "
            "along where those rules allow."
        ),
        button=_("Move"),
        back=url_for("regroup.choose", unit_id=unit_id),
        done=_("%(name)s now belongs to %(group)s.", name=name, group=there),
        after=url_for("units.list_units", pool_id=pool_id),
        section="pools",
        danger=False,
    )
    old = its_pool.id
    return ended(
        question,
        lambda s, who, now, dealing: regroup_unit(s, who, unit_id, pool_id, now, dealing),
        lambda _session: [units_leave(old, [unit_id], clock.now(), pool_id)],
        otherwise=KEEP,
    )


@blueprint.route("/pools/<int:pool_id>/split", methods=["GET", "POST"])
@signed_in
def split(pool_id: int) -> Response | tuple[str, int]:
    """Ask which units get a group of their own, show who is hit, then split."""
    row = visible_pool_settings(db.session(), actor(), pool_id)
    if row.retired_at is not None:
        raise WrongState("retired")
    form = SplitForm(
        name_zh=f"{row.name_zh}（2）", name_en=f"{row.name_en} (2)" if row.name_en else ""
    )
    live = select(Unit).where(Unit.pool_id == pool_id, Unit.retired_at.is_(None))
    units = db.session.scalars(live.order_by(Unit.id)).all()
    form.unit_ids.choices = options({str(one.id): unit_name(one) for one in units})
    ticked = id_of(request.args.get("unit", ""))
    if not form.is_submitted() and ticked is not None:
        form.unit_ids.data = [ticked]
    chosen = form.unit_ids.data or []
    back = url_for("units.list_units", pool_id=pool_id)
    question = Question(
        title=_("Split %(group)s", group=named(row.name_zh, row.name_en)),
        text=_(
            "The new group starts as a copy: the same rules, quotas, questions, agreement, "
            "qualified people and sharing. After that each is changed by itself."
        ),
        button=_("Split"),
        back=back,
        done=_("%(group)s is a group of its own.", group=form.name_zh.data or ""),
        after=back,
        section="pools",
        danger=False,
    )
    wanted = Split(tuple(chosen), form.name_zh.data or "", form.name_en.data or "")
    return ended(
        question,
        lambda s, who, now, dealing: split_pool(s, who, pool_id, wanted, now, dealing),
        lambda _session: [units_leave(pool_id, chosen, clock.now())],
        form,
        otherwise=KEEP,
    )


def unit_name(unit: Unit) -> str:
    """Return what a unit is called: its own name, else its number on the shelf."""
    return unit.name or unit.asset_no or unit.serial or f"#{unit.id}"
