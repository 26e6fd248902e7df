"""One reservation: what it is, what happens next, what the reader may do; and cancelling it."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import may
from booking.companies.queries.reasons import reasons_of
from booking.core.actor import Actor
from booking.core.errors import Forbidden, Invalid, RuleViolated, Stale, WrongState
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.forms.booking import ReasonForm
from booking.reservations.models import LIVE, ApprovalStep
from booking.reservations.queries.again import named_units
from booking.reservations.queries.extending import later_ends
from booking.reservations.queries.facts import PoolFacts, pool_facts
from booking.reservations.queries.formalities import answers_of
from booking.reservations.queries.history import history_of
from booking.reservations.queries.named import Named, UnitName, units_named, visible_named
from booking.reservations.queries.people import colleagues
from booking.reservations.queries.steps import decides as turn_is_of
from booking.reservations.queries.steps import steps_shown
from booking.reservations.rules.life import require_live
from booking.reservations.rules.using import is_running, may_check_in
from booking.reservations.services.cancelling import cancel as cancel_reservation
from booking.reservations.views import words
from booking.reservations.views.again import again_url
from booking.reservations.views.answers import files_of
from booking.reservations.views.base import blueprint
from booking.reservations.views.early import early_start
from booking.reservations.views.events import tell
from booking.reservations.views.steps import step_lines
from booking.reservations.views.using import offered_ends
from booking.web import login
from booking.web.access import signed_in
from booking.web.answer_words import answer_facts
from booking.web.arguments import id_of
from booking.web.formats import instant_text, length_text, period_text, zone_text
from booking.web.locale import named
from booking.web.messages import text_of, violation_text
from booking.web.reasons import chosen_reason, with_chosen
from booking.web.rule_words import overridden_text
from booking.web.wording import party_text, purpose_told, unit_text


@dataclass(frozen=True, slots=True)
class Actions:
    """What the reader may do with the reservation as it stands now."""

    move: bool
    cancel: bool
    decide: bool
    withdraw: bool  # the change asked for; who decides, rejects it
    details: bool  # person, note, reasons
    needs_reason: bool  # to cancel somebody else's

    @classmethod
    def of(cls, actor: Actor, found: Named, step: ApprovalStep | None, now: datetime) -> "Actions":
        """Return them by the permission table, the state, and the step whose turn it is."""
        row, subject = found.row, found.subject
        live = row.status in LIVE and found.period.end > now
        changes = live and may(actor, "reservation.change", subject)
        lab_decides = may(actor, "reservation.decide", subject)
        decides = turn_is_of(actor, subject, step)
        change = bool(words.change_sentence(found, now))
        undecided = change or words.status_of(found, now) == "pending"
        return cls(
            move=changes,
            cancel=changes and (row.start_at > now or lab_decides),
            decide=live and decides and undecided,
            withdraw=changes and change and not decides,
            details=may(actor, "reservation.read_note", subject),
            needs_reason=row.user_id != actor.user_id,
        )


@dataclass(frozen=True, slots=True)
class Uses:
    """What the reader may do while it runs, or once it was cancelled."""

    check_in: bool
    early: bool  # it may start now, before its time
    early_text: str  # from when it may, or what is in the way
    check_out: bool
    undo: bool
    ends: list[tuple[str, str]]  # later ends: value, text
    colleagues: list[tuple[int, str]]
    earlier: bool  # an earlier time, should one become free

    @classmethod
    def of(
        cls,
        session: Session,
        actor: Actor,
        found: Named,
        pool: PoolFacts,
        unit_ids: list[int],
        now: datetime,
    ) -> "Uses":
        """Return them by the permission table, the rules and what is free."""
        row, period, subject = found.row, found.period, found.subject
        uses = may(actor, "reservation.use", subject)
        live = row.status in LIVE and period.end > now
        cancelled = row.status == "cancelled" and row.was_status is not None
        undoes = row.ended_by_id == actor.user_id or may(actor, "reservation.decide", subject)
        longer = live and row.status != "pending" and may(actor, "reservation.change", subject)
        hands_on = live and may(actor, "reservation.transfer", subject)
        known = colleagues(session, row, now) if hands_on else []
        starts = uses and live
        early, told = early_start(session, actor, found, pool, now) if starts else (False, "")
        return cls(
            early=early,
            early_text=told,
            check_in=uses and may_check_in(row.status, period, pool.rules, now),
            check_out=uses and is_running(row.status, period, pool.rules, now),
            undo=cancelled and undoes and period.start > now,
            ends=offered_ends(later_ends(session, pool, row, unit_ids), found) if longer else [],
            colleagues=[(person.user_id, person.name) for person in known],
            earlier=live and period.start > now and row.user_id == actor.user_id,
        )


@blueprint.get("/reservations/<int:reservation_id>")
@signed_in
def show(reservation_id: int) -> str:
    """Show one reservation; a foreign one answers like a missing one."""
    actor, now, session = login.actor(), clock.now(), db.session()
    found = visible_named(session, actor, reservation_id)
    shown = steps_shown(session, reservation_id)
    turn = next((step.row for step in shown if step.row.state == "waiting"), None)
    actions = Actions.of(actor, found, turn, now)
    steps = step_lines(shown, found, now, details=actions.details)
    units = units_named(session, [reservation_id]).get(reservation_id, [])
    history = history_of(session, reservation_id)
    pool = pool_facts(session, [found.row.pool_id])[found.row.pool_id]
    asked = [reservation_id] if actions.details else []
    answers = answers_of(session, asked).get(reservation_id, [])
    return render_template(
        "reservations/show.html", found=found, actions=actions,
        reasons=_reasons(found, actor) if actions.cancel else [],
        title=named(*found.pool), when=period_text(found.period, found.zone),
        status=words.status_of(found, now),
        sentence=words.status_sentence(
            found, now, details=actions.details,
            decider=next((step.who for step in steps if step.waits), ""),
        ),
        change=words.change_sentence(found, now), steps=steps,
        units_note=words.units_sentence(found, now),
        again_url="" if actions.move else _again(session, found),
        facts=_facts(found, units, actions, now), answers=answer_facts(answers),
        files=files_of(reservation_id, answers),
        history=tell(history, found.zone, details=actions.details),
        uses=Uses.of(session, actor, found, pool, [unit.unit_id for unit in units], now),
    )  # fmt: skip


@blueprint.route("/reservations/<int:reservation_id>/cancel", methods=["GET", "POST"])
@signed_in
def cancel(reservation_id: int) -> Response | str | tuple[str, int]:
    """Ask, then cancel; somebody else's needs a reason."""
    actor, now = login.actor(), clock.now()
    found = visible_named(db.session(), actor, reservation_id)
    if not may(actor, "reservation.change", found.subject):
        raise Forbidden
    form = ReasonForm(version=str(found.row.version))
    back = url_for("reservations.show", reservation_id=reservation_id)
    if not form.is_submitted():
        require_live(found.row.status, found.period, now)
        return _ask(form, found, back, actor)
    if not form.validate():
        return _ask(form, found, back, actor), 422
    reason, version = with_chosen(form.reason.data), id_of(form.version.data)
    try:
        write(lambda s: cancel_reservation(s, actor, reservation_id, reason, now, version))
    except Invalid as refusal:
        form.reason.errors = [text_of(refusal)]
        return _ask(form, found, back, actor), 422
    except RuleViolated as refusal:
        form.reason.errors = [violation_text(v, found.zone) for v in refusal.violations]
        return _ask(form, found, back, actor), 422
    except (WrongState, Stale) as refusal:
        flash(text_of(refusal), "warning")
        return redirect(back)
    flash(_("Cancelled. The time is free again."), "success")
    return redirect(back)


def _again(session: Session, found: Named) -> str:
    return again_url(found, named_units(session, [found.row.id]).get(found.row.id))


def _ask(form: ReasonForm, found: Named, back: str, actor: Actor) -> str:
    return render_template(
        "reservations/cancel.html", form=form, title=named(*found.pool), back=back,
        when=period_text(found.period, found.zone), person=found.person,
        needs_reason=found.row.user_id != actor.user_id, reasons=_reasons(found, actor),
        chosen=chosen_reason(),
    )  # fmt: skip


def _reasons(found: Named, actor: Actor) -> list[str]:
    """Return the lab's reasons to choose from, for who speaks for the lab."""
    if not may(actor, "reservation.decide", found.subject):
        return []
    return reasons_of(db.session(), [found.subject.lab_id])


def _facts(
    found: Named, units: list[UnitName], actions: Actions, now: datetime
) -> list[tuple[str, str]]:
    row, zone = found.row, found.zone
    site = named(*found.site)
    facts = [
        (_("Reference"), row.reference),
        (_("When"), f"{period_text(found.period, zone)} ({length_text(found.period.minutes)})"),
        (_("Times"), _("local to %(place)s (%(zone)s)", place=site, zone=zone_text(zone, now))),
        (_("Units"), _units(found, units)),
        (_("Lab"), f"{named(*found.lab)} · {named(*found.institution)}"),
        (_("On behalf of"), party_text(found.party)),
    ]
    if actions.details:
        facts.append((_("Person"), found.person))
        if found.booker and found.booker != found.person:
            facts.append((_("Booked by"), found.booker))
    facts.append((_("Purpose"), purpose_told(found)))
    if actions.details and row.override_reason:
        facts.append((_("Exception"), row.override_reason))
        if row.overridden:
            facts.append((_("Rules overridden"), overridden_text(row.overridden)))
    if row.checked_in_at is not None:
        facts.append((_("Checked in"), instant_text(row.checked_in_at, zone)))
    if row.booked_end_at is not None:
        facts.append((_("Booked until"), instant_text(row.booked_end_at, zone)))
    facts.append((_("Made"), instant_text(row.created_at, zone)))
    return facts


def _units(found: Named, units: list[UnitName]) -> str:
    shown = [f"{unit_text(u)} · {u.place}" if u.place else unit_text(u) for u in units]
    return _(", ").join(shown) or words.units_text([], found.row.quantity)
