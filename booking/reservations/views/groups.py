"""A group of reservations: what it is, its times; moving and cancelling one, some or all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.errors import (
    Forbidden,
    Invalid,
    PartsTaken,
    PartsViolated,
    Problem,
    Stale,
    WrongState,
)
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.forms.booking import ReasonForm
from booking.reservations.forms.groups import GroupMoveForm
from booking.reservations.forms.parts import choice, put_error
from booking.reservations.queries.groups import Group, series_of, visible_group
from booking.reservations.queries.named import Named, named_in_order, units_named
from booking.reservations.queries.steps import decides as turn_is_of
from booking.reservations.queries.steps import waiting_steps
from booking.reservations.rules.groups import OnProblem, Scope
from booking.reservations.services.group_changes import GroupChange, cancel_group, change_group
from booking.reservations.views.base import blueprint
from booking.reservations.views.repeating import problem_text
from booking.reservations.views.words import status_of as state_of
from booking.reservations.views.words import units_text
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.formats import instant_text, length_text, period_text
from booking.web.locale import named
from booking.web.messages import status_of, text_of
from booking.web.repeats import rule_words
from booking.web.wording import group_text, party_text, purpose_told


@dataclass(frozen=True, slots=True)
class Row:
    """One reservation of a group, in words."""

    id: int
    url: str
    what: str
    when: str
    units: str
    status: str
    change: bool
    changes: bool  # whether the reader may move or cancel it


@blueprint.get("/reservation-groups/<int:group_id>")
@signed_in
def group(group_id: int) -> str:
    """Show a group with those of its reservations the reader may see."""
    actor, now, session = login.actor(), clock.now(), db.session()
    found = visible_group(session, actor, group_id)
    ids = [member.row.id for member in found.members]
    names, units = named_in_order(session, ids), units_named(session, ids)
    coming = found.coming(now)
    waits = any(state_of(n, now) == "pending" or n.change is not None for n in names)
    turns = waiting_steps(session, [m.row.id for m in found.members])
    decides = any(turn_is_of(actor, m.subject, turns.get(m.row.id)) for m in found.members)
    rows = [_row(actor, n, units_text(units.get(n.row.id, []), n.row.quantity), now) for n in names]
    return render_template(
        "reservations/group.html", group=found, title=title_of(found, names), rows=rows,
        series=found.row.kind == "series", kind=group_text(found.row.kind),
        facts=_facts(found, names, len(coming)), version=found.version,
        changes=bool(coming)
        and all(may(actor, "reservation.change", m.subject) for m in coming),
        decides=decides and waits,
    )  # fmt: skip


@blueprint.route("/reservation-groups/<int:group_id>/move", methods=["GET", "POST"])
@signed_in
def move_group(group_id: int) -> Response | str | tuple[str, int]:
    """Move one, this and the following, or all that is coming."""
    actor, now, session = login.actor(), clock.now(), db.session()
    found = visible_group(session, actor, group_id)
    of = id_of(request.values.get("of"))
    coming = found.coming(now)
    if not coming:
        flash(text_of(WrongState("nothing_coming")), "warning")
        return redirect(url_for("reservations.group", group_id=group_id))
    if not all(may(actor, "reservation.change", m.subject) for m in coming):
        raise Forbidden
    chosen = found.member(of) if of else coming[0]
    [first] = named_in_order(session, [chosen.row.id])
    form = GroupMoveForm(version=str(found.version))
    form.scope.choices = _scopes(found)
    if not form.is_submitted():
        form.show(chosen.period, first.zone)
        form.scope.data = "following" if of and found.row.kind == "series" else "all"
        return _move_page(found, first, form)
    times = form.times(first.zone)
    if not form.validate() or times is None or form.scope.data not in [s.value for s in Scope]:
        return _move_page(found, first, form), 422
    change = GroupChange(
        Scope(form.scope.data), chosen.row.id, *times,
        note=form.note.data.strip() or None if form.note.data else None,
        on_problem=OnProblem.SKIP if form.keep.data else OnProblem.REFUSE,
    )  # fmt: skip
    version = id_of(form.version.data)
    try:
        done = write(lambda s: change_group(s, actor, group_id, version, change, now))
    except (PartsTaken, PartsViolated) as refusal:
        return _move_page(found, first, form, refusal.problems), status_of(refusal)
    except (Invalid, WrongState, Stale) as refusal:
        put_error(form, refusal.field if isinstance(refusal, Invalid) else None, text_of(refusal))
        form.version.data = str(visible_group(db.session(), actor, group_id).version)
        return _move_page(found, first, form), status_of(refusal)
    flash(_moved(done.changed, done.asked, len(done.kept)), "success")
    return redirect(url_for("reservations.group", group_id=done.group_id))


@blueprint.route("/reservation-groups/<int:group_id>/cancel", methods=["GET", "POST"])
@signed_in
def end_group(group_id: int) -> Response | str | tuple[str, int]:
    """Ask, then cancel one, this and the following, or all that is coming."""
    actor, now = login.actor(), clock.now()
    found = visible_group(db.session(), actor, group_id)
    coming = found.coming(now)
    if not all(may(actor, "reservation.change", m.subject) for m in coming):
        raise Forbidden
    of, wanted = id_of(request.values.get("of")), request.values.get("scope", "all")
    scope = Scope(wanted) if wanted in ("following", "all") else Scope.ALL
    form, back = ReasonForm(), url_for("reservations.group", group_id=group_id)
    if not form.is_submitted():
        form.version.data = str(found.version)
        return _ask(found, form, scope, of, actor)
    if not form.validate():
        return _ask(found, form, scope, of, actor), 422
    reason, version = form.reason.data or "", id_of(form.version.data)
    try:
        count = write(lambda s: cancel_group(s, actor, group_id, version, scope, reason, now, of))
    except Invalid as refusal:
        form.reason.errors = [text_of(refusal)]
        return _ask(found, form, scope, of, actor), 422
    except (WrongState, Stale) as refusal:
        flash(text_of(refusal), "warning")
        return redirect(back)
    flash(ngettext("%(num)s cancelled.", "%(num)s cancelled.", count), "success")
    return redirect(back)


def title_of(found: Group, names: list[Named]) -> str:
    """Return the group's own title, else what is booked."""
    pools = dict.fromkeys(named(*name.pool) for name in names)
    return found.row.title or _(", ").join(pools)


def _row(actor: Actor, item: Named, units: str, now: datetime) -> Row:
    live = item.row.status in ("pending", "approved") and item.row.start_at > now
    return Row(
        item.row.id, url_for("reservations.show", reservation_id=item.row.id),
        named(*item.pool), period_text(item.period, item.zone), units, state_of(item, now),
        item.change is not None and item.change.expires_at > now,
        live and may(actor, "reservation.change", item.subject),
    )  # fmt: skip


def _facts(found: Group, names: list[Named], coming: int) -> list[tuple[str, str]]:
    first = names[0]
    pools = dict.fromkeys(named(*name.pool) for name in names)
    facts = [(_("Instrument"), _(", ").join(pools))]
    if found.row.kind == "series":
        series = series_of(found.row)
        facts.append((_("Repeats"), rule_words(series.rule, series.first, series.zone)))
        facts.append((_("Length"), length_text(found.row.length_minutes)))
    facts += [
        (_("To come"), str(coming)),
        (_("On behalf of"), party_text(first.party)),
        (_("Purpose"), purpose_told(first)),
        (_("Made"), instant_text(found.row.created_at, first.zone)),
    ]
    return facts


def _scopes(found: Group) -> list[Any]:
    labels = {"one": _("Only this one"), "following": _("This and the following")}
    if found.row.kind != "series":
        labels = {}
    return [choice(value, label) for value, label in labels.items()] + [
        choice("all", _("All that are still to come"))
    ]


def _move_page(
    found: Group, first: Named, form: GroupMoveForm, problems: tuple[Problem, ...] = ()
) -> str:
    zone = first.zone
    return render_template(
        "reservations/group_move.html", form=form, title=title_of(found, [first]),
        back=url_for("reservations.group", group_id=found.row.id),
        action=url_for("reservations.move_group", group_id=found.row.id, of=first.row.id),
        series=found.row.kind == "series", when=period_text(first.period, zone),
        problems=[(period_text(p.period, zone), problem_text(p, zone)) for p in problems],
    )  # fmt: skip


def _moved(changed: int, asked: int, kept: int) -> str:
    if asked:
        return ngettext(
            "%(num)s change was asked for. Until the lab decides, the present time stays yours.",
            "%(num)s changes were asked for. Until the lab decides, the present times stay yours.",
            asked,
        )
    words = ngettext("%(num)s was changed.", "%(num)s were changed.", changed)
    if kept:
        words += " " + ngettext("%(num)s kept its time.", "%(num)s kept their time.", kept)
    return words


def _ask(found: Group, form: ReasonForm, scope: Scope, of: int | None, actor: Actor) -> str:
    coming = found.coming(clock.now())
    if scope is Scope.FOLLOWING and of is not None:
        first = found.member(of).row.group_position or 0
        coming = [m for m in coming if (m.row.group_position or 0) >= first]
    return render_template(
        "reservations/group_cancel.html", form=form, count=len(coming),
        fields=[("version", form.version.data), ("scope", scope.value), ("of", of or "")],
        title=title_of(found, named_in_order(db.session(), [found.members[0].row.id])),
        back=url_for("reservations.group", group_id=found.row.id),
        needs_reason=any(m.row.user_id != actor.user_id for m in coming),
    )  # fmt: skip
