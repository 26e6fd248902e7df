"""The page on which a series gets another rule: what becomes of each day, then the change."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.errors import (
    Forbidden,
    Invalid,
    NotFound,
    PartsTaken,
    PartsViolated,
    Stale,
    WrongState,
)
from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.forms.groups import RuleForm
from booking.reservations.forms.parts import put_error
from booking.reservations.queries.groups import Group, series_of, visible_group
from booking.reservations.queries.named import named_in_order
from booking.reservations.queries.reservations import Found
from booking.reservations.rules.groups import OnProblem
from booking.reservations.rules.recurrence import LAST, Recurrence
from booking.reservations.services.rerule import (
    NewRule,
    Reruled,
    Step,
    change_rule,
    preview_rule,
)
from booking.reservations.views.base import blueprint
from booking.reservations.views.groups import title_of
from booking.reservations.views.repeating import problem_text
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.formats import period_text
from booking.web.messages import message, status_of, text_of
from booking.web.repeats import rule_words


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one, in words."""

    when: str
    how: str
    was: str
    problem: str


@dataclass(frozen=True, slots=True)
class Changing:
    """Who changes which series, from which of its reservations on."""

    actor: Actor
    group: Group
    first: Found
    whole: bool  # from the first that is coming
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone whose local time the series keeps."""
        return series_of(self.group.row).zone


@blueprint.route("/reservation-groups/<int:group_id>/rule", methods=["GET", "POST"])
@signed_in
def change_group_rule(group_id: int) -> Response | str | tuple[str, int]:
    """Give a series another rule, from one of its days or from now on."""
    at = _changing(group_id)
    if at is None:
        flash(text_of(WrongState("nothing_coming")), "warning")
        return redirect(url_for("reservations.group", group_id=group_id))
    form = RuleForm()
    if not form.is_submitted():
        return _page(at, _present(at))
    wanted = _wanted(at, form)
    if wanted is None:
        return _page(at, form), 422
    how, _colon, seen = request.form.get("book", "").partition(":")
    try:
        if how not in ("refuse", "skip"):
            done = write(lambda s: preview_rule(s, at.actor, group_id, wanted, at.now))
            return _page(at, form, done)
        asked = replace(wanted, on_problem=OnProblem(how), seen=seen)
        version = id_of(form.version.data)
        done = write(lambda s: change_rule(s, at.actor, group_id, version, asked, at.now))
    except Invalid as refusal:
        put_error(form, "repeats" if refusal.field == "rule" else refusal.field, text_of(refusal))
        return _page(at, form), status_of(refusal)
    except (PartsTaken, PartsViolated, WrongState, Stale) as refusal:
        # It has changed since it was seen: show it as it is now.
        form.form_errors.append(message("series_changed", {}))
        form.version.data = str(visible_group(db.session(), at.actor, group_id).version)
        seen_now = write(lambda s: preview_rule(s, at.actor, group_id, wanted, at.now))
        return _page(at, form, seen_now), status_of(refusal)
    flash(_done(done), "success")
    return redirect(url_for("reservations.group", group_id=done.group_id))


def _changing(group_id: int) -> Changing | None:
    """Return what is to change; None when nothing of it is coming. Raises NotFound, Forbidden."""
    actor, now = login.actor(), clock.now()
    group = visible_group(db.session(), actor, group_id)
    if group.row.kind != "series":
        raise NotFound("series")
    coming = group.coming(now)
    of = id_of(request.values.get("of"))
    first = group.member(of) if of else next(iter(coming), None)
    if not all(may(actor, "reservation.change", member.subject) for member in coming):
        raise Forbidden
    if first is None or first not in coming:
        return None
    return Changing(actor, group, first, of is None, now)


def _present(at: Changing) -> RuleForm:
    """Return the form with the rule as it stands from that day on."""
    series = series_of(at.group.row).since(at.first.row.group_position or 0)
    form, rule = RuleForm(formdata=None, version=str(at.group.version)), series.rule
    form.show(at.first.period, at.zone)
    form.repeats.data, form.every.data = _kind(rule), rule.interval
    weekdays = rule.weekdays or (series.first.isoweekday(),)
    form.weekdays.data = [str(day) for day in weekdays] if rule.frequency == "weekly" else []
    form.count.data = rule.count
    form.exceptions.data = " ".join(sorted(day.isoformat() for day in rule.exceptions))
    return form


def _kind(rule: Recurrence) -> str:
    if rule.frequency != "monthly":
        return rule.frequency
    if rule.nth:
        return "nth_last" if rule.nth[0][0] == LAST else "nth"
    return "month_end" if rule.month_days == (LAST,) else "month_day"


def _wanted(at: Changing, form: RuleForm) -> NewRule | None:
    """Return the rule the form means; None, with the errors on its fields, when it is none."""
    valid, times = form.validate(), form.times(at.zone)
    if not valid or times is None:
        return None
    try:
        rule = form.rule(times[0].astimezone(at.zone).date())
    except Invalid as refusal:
        put_error(form, "repeats" if refusal.field == "rule" else refusal.field, text_of(refusal))
        return None
    of = None if at.whole else at.first.row.id
    return NewRule(*times, rule, of, reason=form.reason.data or "")


def _page(at: Changing, form: RuleForm, seen: Reruled | None = None) -> str:
    series = series_of(at.group.row)
    title = title_of(at.group, named_in_order(db.session(), [at.first.row.id]))
    group_id = at.group.row.id
    return render_template(
        "reservations/group_rule.html", form=form, title=title, seen=seen,
        back=url_for("reservations.group", group_id=group_id),
        action=url_for("reservations.change_group_rule", group_id=group_id,
                       of=None if at.whole else at.first.row.id),
        present=rule_words(series.rule, series.first, series.zone),
        when=period_text(at.first.period, at.zone), whole=at.whole,
        lines=[_line(n, step, at.zone) for n, step in enumerate(seen.steps, 1)] if seen else [],
        needs_reason=at.first.row.user_id != at.actor.user_id,
    )  # fmt: skip


def _line(number: int, step: Step, zone: ZoneInfo) -> Line:
    period = step.period or step.was
    when = period_text(period, zone) if period else str(number)
    was = ""
    if step.was and step.how in ("moves", "asked", "kept"):
        was = period_text(step.was, zone)
    problem = problem_text(step.problem, zone) if step.problem else ""
    return Line(when, step.how, was, problem)


def _done(done: Reruled) -> str:
    """Return what became of how many, in a sentence."""
    hows = [step.how for step in done.steps]
    counts = {how: hows.count(how) for how in hows}
    words = {
        "moves": lambda n: ngettext("%(num)s moved", "%(num)s moved", n),
        "asked": lambda n: ngettext("%(num)s change asked for", "%(num)s changes asked for", n),
        "comes": lambda n: ngettext("%(num)s added", "%(num)s added", n),
        "goes": lambda n: ngettext("%(num)s cancelled", "%(num)s cancelled", n),
        "stays": lambda n: ngettext("%(num)s unchanged", "%(num)s unchanged", n),
        "kept": lambda n: ngettext("%(num)s kept its time", "%(num)s kept their time", n),
        "left_out": lambda n: ngettext("%(num)s left out", "%(num)s left out", n),
    }
    parts = [words[how](counts[how]) for how in words if how in counts]
    return _("The series follows its new rule: %(what)s.", what=_(", ").join(parts))
