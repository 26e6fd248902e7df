"""Taking a unit out of service: who is hit, and what becomes of each."""

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.text import one_line
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.editing import visible_unit_to_edit
from booking.reservations.rules.dealing import KEEP
from booking.reservations.services.breakdown import gone_down, take_out_of_service
from booking.reservations.views.base import blueprint
from booking.web import login
from booking.web.access import signed_in
from booking.web.dealing import ended
from booking.web.locale import named
from booking.web.saving import Question


@blueprint.route("/units/<int:unit_id>/out-of-service", methods=["GET", "POST"])
@signed_in
def out_of_service(unit_id: int) -> Response | tuple[str, int]:
    """Take a unit out of service at once, its reservations moved, kept or cancelled."""
    row, pool = visible_unit_to_edit(db.session(), login.actor(), unit_id)
    name = row.name or row.asset_no or row.serial or f"#{row.id}"
    whole = f"{named(pool.name_zh, pool.name_en)} · {name}"
    question = Question(
        title=_("Take %(name)s out of service?", name=whole),
        text=_("Nobody can book it from now on, until it is set back in service."),
        button=_("Take out of service"),
        back=url_for("units.unit", unit_id=unit_id),
        done=_("%(name)s is out of service.", name=whole),
        after=url_for("units.unit", unit_id=unit_id),
        section="pools",
    )
    note = one_line(request.form.get("reason", ""))[:200] or row.state_note
    return ended(
        question,
        lambda s, who, now, dealing: take_out_of_service(s, who, unit_id, note, dealing, now),
        lambda session: gone_down(session, pool.id, unit_id, clock.now()),
        otherwise=KEEP,
    )
