"""What the booking form's script asks for: keep the chosen time while the form is filled in."""

import contextlib
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.core.errors import Conflict, Invalid, NotFound, Refusal, RuleViolated, WrongState
from booking.infra import clock, rate
from booking.infra.db import db, write
from booking.reservations.forms.booking import ReserveForm
from booking.reservations.services.kept import give_back
from booking.reservations.services.short_holds import Kept, keep_instead
from booking.reservations.views.base import blueprint
from booking.reservations.views.desk import open_desk
from booking.reservations.views.filling import offer_choices, person_of, request_of
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.formats import clock_text
from booking.web.messages import status_of, text_of, violation_text

TRIES, SECONDS = 60, 60  # a person


@blueprint.post("/reserve/hold")
@signed_in
def hold() -> Response | tuple[Response, int]:
    """Keep the chosen time; what was kept in the same pool before is given back for it."""
    actor, now = login.actor(), clock.now()
    rate.hit("hold", str(actor.user_id), TRIES, SECONDS)
    session = db.session()
    pool_id, unit_id = id_of(request.values.get("pool_id")), id_of(request.form.get("unit_id"))
    desk = open_desk(session, actor, pool_id, unit_id, now)
    form, zone = ReserveForm(), desk.pool.zone
    person_id, times = person_of(session, form, actor, desk), form.times(zone)
    if person_id is None or times is None:
        return jsonify(id=None, text=""), 422
    offer_choices(session, form, actor, person_id, desk, now)
    asked = request_of(form, desk, actor, person_id, times)
    wanted = replace(asked, purpose="other", note="", override_reason="", idempotency_key=None)
    try:
        kept = write(lambda s: keep_instead(s, actor, wanted, now))
    except (Conflict, Invalid, RuleViolated, WrongState) as refusal:
        return jsonify(id=None, text=_told(refusal, zone)), status_of(refusal)
    return jsonify(_answer(kept, now, zone))


@blueprint.post("/reserve/hold/release")
@signed_in
def let_go() -> tuple[str, int]:
    """Give back what is kept: the page is left."""
    actor, now = login.actor(), clock.now()
    hold_id = id_of(request.form.get("hold_id")) or 0
    with contextlib.suppress(NotFound):
        write(lambda s: give_back(s, actor, hold_id, now))
    return "", 204


def _answer(kept: Kept, now: datetime, zone: ZoneInfo) -> dict[str, object]:
    until = clock_text(kept.until, zone)
    return {
        "id": kept.hold_id,
        "seconds": int((kept.until - now).total_seconds()),
        "text": _("Kept for you until %(time)s.", time=until),
        "ended": _("It was kept until %(time)s. Book now, if nobody has taken it since.",
                   time=until),
    }  # fmt: skip


def _told(refusal: Refusal, zone: ZoneInfo) -> str:
    """Return why the time cannot be kept; nothing where keeping is no use anyway."""
    if isinstance(refusal, RuleViolated):
        return " ".join(violation_text(violation, zone) for violation in refusal.violations)
    return "" if refusal.code == "no_short_holds" else text_of(refusal)
