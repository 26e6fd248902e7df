"""Moving a reservation: at once where allowed, else as a change the lab decides."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.errors import Conflict, Forbidden, Invalid, RuleViolated, Stale, WrongState
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db, write
from booking.policies.rules.times import fitting_length
from booking.reservations.forms.booking import MoveForm
from booking.reservations.forms.parts import put_error, typed
from booking.reservations.queries.asking import Intent, asking, booker_of
from booking.reservations.queries.availability import next_slots
from booking.reservations.queries.facts import PoolFacts, pool_facts, units_of
from booking.reservations.queries.named import (
    Named,
    UnitName,
    pool_unit_names,
    units_named,
    visible_named,
)
from booking.reservations.rules.life import Move, require_live
from booking.reservations.services.moving import Change
from booking.reservations.services.overriding import may_override
from booking.reservations.services.withdrawing import withdraw as withdraw_change
from booking.reservations.views.base import blueprint
from booking.reservations.views.refused import (
    Offer,
    Refused,
    broken_rules,
    passing_offer,
    time_taken,
    with_why,
)
from booking.reservations.views.words import after_move, units_text
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.formats import period_text, zone_text
from booking.web.locale import named
from booking.web.messages import status_of, text_of
from booking.web.reserve import change
from booking.web.wording import rule_lines


@dataclass(frozen=True, slots=True)
class Moving:
    """A reservation about to move, its pool and its units."""

    actor: Actor
    found: Named
    pool: PoolFacts
    units: dict[int, UnitName]  # of the pool, all but the retired
    own: list[UnitName]
    now: datetime


@blueprint.route("/reservations/<int:reservation_id>/move", methods=["GET", "POST"])
@signed_in
def move(reservation_id: int) -> Response | str | tuple[str, int]:
    """Change times, quantity or note; a refusal changes nothing and keeps what was typed."""
    at = _moving(login.actor(), reservation_id, clock.now())
    row = at.found.row
    form = MoveForm(
        version=str(row.version), quantity=row.quantity, note=row.note,
        override_reason="",
    )  # fmt: skip
    if form.is_submitted():
        return _move(at, form)
    require_live(row.status, at.found.period, at.now)
    form.show(at.found.asked or at.found.period, at.pool.zone)
    if at.found.change is not None:
        form.quantity.data = at.found.change.quantity
    return _page(at, form)


@blueprint.post("/reservations/<int:reservation_id>/withdraw")
@signed_in
def withdraw(reservation_id: int) -> Response:
    """Take back the change that was asked for."""
    actor, now = login.actor(), clock.now()
    found = visible_named(db.session(), actor, reservation_id)
    try:
        write(lambda s: withdraw_change(s, actor, reservation_id, now))
    except WrongState as refusal:  # decided or withdrawn meanwhile
        flash(text_of(refusal), "warning")
    else:
        flash(after_move(Move.WITHDRAW, found), "success")
    return redirect(url_for("reservations.show", reservation_id=reservation_id))


def _moving(actor: Actor, reservation_id: int, now: datetime) -> Moving:
    session = db.session()
    found = visible_named(session, actor, reservation_id)
    if not may(actor, "reservation.change", found.subject):
        raise Forbidden
    pool = pool_facts(session, [found.row.pool_id])[found.row.pool_id]
    own = units_named(session, [reservation_id]).get(reservation_id, [])
    units = {unit.unit_id: unit for unit in pool_unit_names(session, pool.pool_id)}
    return Moving(actor, found, pool, units, own, now)


def _move(at: Moving, form: MoveForm) -> Response | tuple[str, int]:
    valid, exact = form.validate(), typed(form)
    times = form.times(at.pool.zone)
    if not valid or times is None:
        return _page(at, form), 422
    asked = Change(
        *times, quantity=form.quantity.data or 0, note=form.note.data,
        override_reason=form.override_reason.data or "",
    )  # fmt: skip
    row_id = at.found.row.id
    try:
        how = change(at.actor, row_id, id_of(form.version.data), asked)
    except Stale as refusal:
        return _stale(at, form, refusal)
    except (RuleViolated, Conflict) as refusal:
        refused = _explained(at, asked, refusal, exact)
        overridable = isinstance(refusal, RuleViolated) and may_override(
            at.actor, at.pool, refusal.violations
        )
        return _page(at, form, refused, overridable=overridable), status_of(refusal)
    except (Invalid, WrongState) as refusal:
        put_error(form, refusal.field if isinstance(refusal, Invalid) else None, text_of(refusal))
        return _page(at, form), status_of(refusal)
    flash(after_move(how, visible_named(db.session(), at.actor, row_id)), "success")
    return redirect(url_for("reservations.show", reservation_id=row_id))


def _stale(at: Moving, form: MoveForm, refusal: Stale) -> tuple[str, int]:
    """Tell how things stand now; what was typed stays and can be sent again."""
    at = _moving(at.actor, at.found.row.id, at.now)
    form.version.data = str(at.found.row.version)
    return _page(at, form, Refused(text_of(refusal))), status_of(refusal)


def _explained(
    at: Moving, asked: Change, refusal: RuleViolated | Conflict, exact: dict[str, str]
) -> Refused:
    if isinstance(refusal, Conflict):
        return time_taken(refusal, at.pool.zone, at.units, exact)
    refused = broken_rules(refusal, at.pool.zone, _passing(at, asked, refusal, exact))
    was = at.found.period
    return with_why(refused, at.pool, Period(asked.start or was.start, asked.end or was.end))


def _passing(
    at: Moving, asked: Change, refusal: RuleViolated, exact: dict[str, str]
) -> Offer | None:
    """Return the nearest times this reservation could take: rules kept, and free."""
    session, row = db.session(), at.found.row
    near = next((v.nearest for v in refusal.violations if v.nearest is not None), None)
    start = near.start if near else asked.start or row.start_at
    minutes = near.minutes if near else at.found.period.minutes
    units = units_of(session, at.pool.pool_id)
    if row.named_unit:
        units = [unit for unit in units if unit.unit_id in {own.unit_id for own in at.own}]
    quantity = min(asked.quantity or 1, len(units), at.pool.rules.max_units.value)
    intent = Intent(
        Period(start, start + fitting_length(at.pool.rules, minutes)), max(quantity, 1), at.now,
        searches=True, besides=row.id, by=at.actor, group_id=row.group_id,
    )  # fmt: skip
    asking_row = asking(session, at.pool, len(units), booker_of(row), intent)
    slots = next_slots(session, asking_row, 1, units=units)
    if not slots or quantity < 1:
        return None
    return passing_offer(refusal, slots[0].period, quantity, at.pool.zone, exact)


def _page(
    at: Moving, form: MoveForm, refused: Refused | None = None, *, overridable: bool = False
) -> str:
    row = at.found.row
    back = url_for("reservations.show", reservation_id=row.id)
    asks_lab = row.status != "pending" and at.pool.needs_decision(at.actor)
    return render_template(
        "reservations/move.html", form=form, found=at.found, refused=refused, back=back,
        asks_reason=overridable or bool(form.override_reason.data),
        action=url_for("reservations.move", reservation_id=row.id),
        title=named(*at.found.pool), when=period_text(at.found.period, at.found.zone),
        units=units_text(at.own, row.quantity), asks_lab=asks_lab,
        may_take_more=not row.named_unit and len(at.units) > 1,
        step=at.pool.rules.granularity_minutes.value * 60,
        place=named(*at.found.site), zone=zone_text(at.found.zone, at.now),
        rules=rule_lines(
            at.pool, insider=row.institution_id == at.pool.institution_id, units=len(at.units)
        ),
    )  # fmt: skip
