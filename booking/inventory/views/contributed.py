"""An institution's own pages: what it contributes, how much that is used, and limiting it."""

from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.models import Institution
from booking.companies.queries.lists import one
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.forms.sharing import (
    EndForm,
    PauseForm,
    SharedHoursForm,
    TakeBackForm,
    TakeOutForm,
)
from booking.inventory.models import Contribution, Pool
from booking.inventory.queries.contributed import (
    Use,
    unit_of_pool,
    units_with_own_use,
    use_of_pools,
    use_of_units,
)
from booking.inventory.queries.sharing import visible_owned_pool, visible_sharing
from booking.inventory.rules.terms import days_between
from booking.inventory.views.regrouping import unit_name
from booking.inventory.views.sharing import days_text
from booking.reservations.models import Closure
from booking.reservations.rules.dealing import KEEP
from booking.reservations.services.closing import (
    OWN_USE,
    Closing,
    close_times,
    closing_hits,
    reopen,
)
from booking.reservations.services.limiting import (
    Pause,
    hours_gone,
    limit_hours,
    pause_gone,
    pause_sharing,
    resume_sharing,
)
from booking.reservations.services.regrouping import Split, split_pool, units_leave
from booking.reservations.services.retiring import end_contribution, sharing_gone
from booking.web.access import signed_in
from booking.web.dealing import ended
from booking.web.formats import hours_text, pause_text, period_text
from booking.web.lists import asked, page_url
from booking.web.locale import named
from booking.web.login import actor
from booking.web.paging import page_of
from booking.web.saving import Question, run
from booking.web.shell import NavItem

blueprint = Blueprint("contributed", __name__, url_prefix="/institutions")
Answer = Response | str | tuple[str, int]


def nav(who: Actor) -> list[NavItem]:
    """Return the entry of those who speak for an institution; its others are linked there."""
    mine = sorted(who.represented_institution_ids)
    if not mine or who.reads_only:
        return []
    active = request.blueprint == "contributed"
    url = url_for("contributed.pools", institution_id=mine[0])
    return [NavItem(_("What we share"), url, "box", active)]


@blueprint.get("/<int:institution_id>")
@signed_in
def pools(institution_id: int) -> str:
    """List an institution's groups of units, how they are shared, used and booked."""
    session, who, now, wanted = db.session(), actor(), clock.now(), asked()
    query = visible_sharing(who, institution_id, wanted.q)
    page = page_of(session, query, wanted.number)
    mine = [one(session, Institution, key) for key in sorted(who.represented_institution_ids)]
    return render_template(
        "inventory/contributed.html", page=page, wanted=wanted, page_url=page_url,
        institution=one(session, Institution, institution_id), mine=mine, unused=Use(),
        use=use_of_pools(session, [row[0].id for row in page.items], now),
        terms={row[0].id: _terms(row[4], row[3].time_zone) for row in page.items},
    )  # fmt: skip


@blueprint.get("/pools/<int:pool_id>")
@signed_in
def pool(pool_id: int) -> str:
    """Show a group's units, their use, and what can be limited."""
    session, now = db.session(), clock.now()
    row, institution, site, agreement = visible_owned_pool(session, actor(), pool_id)
    zone = ZoneInfo(site.time_zone)
    units = [
        (
            unit,
            unit_name(unit),
            [(c, period_text(Period(c.start_at, c.end_at), zone)) for c in taken],
        )
        for unit, taken in units_with_own_use(session, pool_id, now)
    ]
    return render_template(
        "inventory/contributed_pool.html", pool=row, institution=institution,
        contribution=agreement, terms=_terms(agreement, site.time_zone), units=units,
        use=use_of_units(session, pool_id, now), unused=Use(),
    )  # fmt: skip


@blueprint.route("/pools/<int:pool_id>/hours", methods=["GET", "POST"])
@signed_in
def hours(pool_id: int) -> Answer:
    """Set the weekly hours outside which only the institution's own people book."""
    row, agreement, _zone = _shared(pool_id)
    text = agreement.shared_hours
    now_shared = None if text is None else WeeklyHours.parse(text)
    form = SharedHoursForm(
        hours="own" if now_shared else "always", **SharedHoursForm.lines(now_shared)
    )
    question = _question(
        row, _("Shared hours of %(name)s", name=_name(row)),
        _("Outside these hours only your own people book."), _("Save"), danger=False,
    )  # fmt: skip
    return ended(
        question,
        lambda s, who, now, dealing: limit_hours(
            s, who, agreement.id, form.shared(), now, dealing
        ),
        lambda s: [hours_gone(s, agreement.id, form.shared(), clock.now())],
        form, unnamed=True,
    )  # fmt: skip


@blueprint.route("/pools/<int:pool_id>/pause", methods=["GET", "POST"])
@signed_in
def pause(pool_id: int) -> Answer:
    """Pause the sharing for some days, or until further notice."""
    row, agreement, zone = _shared(pool_id)
    form = PauseForm(first_day=clock.now().astimezone(zone).date())
    question = _question(
        row, _("Pause the sharing of %(name)s?", name=_name(row)),
        _("Others still see it, but only your own people book it then."), _("Pause sharing"),
    )  # fmt: skip

    def wanted() -> Pause:
        return Pause(form.first_day.data or date.min, form.last_day.data)

    return ended(
        question,
        lambda s, who, now, dealing: pause_sharing(s, who, agreement.id, wanted(), now, dealing),
        lambda s: [pause_gone(s, agreement.id, wanted(), clock.now())[0]],
        form, unnamed=True,
    )  # fmt: skip


@blueprint.post("/pools/<int:pool_id>/resume")
@signed_in
def resume(pool_id: int) -> Answer:
    """Go on sharing."""
    agreement = _shared(pool_id)[1]
    run(lambda s, who, now: resume_sharing(s, who, agreement.id, now))
    flash(_("Shared again."), "success")
    return redirect(url_for("contributed.pool", pool_id=pool_id))


@blueprint.route("/pools/<int:pool_id>/end", methods=["GET", "POST"])
@signed_in
def end(pool_id: int) -> Answer:
    """End the sharing of a whole group for good."""
    row, agreement, _zone = _shared(pool_id)
    form = EndForm()
    last = form.last_day
    question = _question(
        row, _("End the sharing of %(name)s?", name=_name(row)),
        _("Only its institution's people, its lab and the operator will book it then."),
        _("End sharing"),
    )  # fmt: skip
    return ended(
        question,
        lambda s, who, now, dealing: end_contribution(
            s, who, agreement.id, last.data, now, dealing
        ),
        lambda s: [sharing_gone(s, agreement.id, last.data, clock.now())[0]],
        form, unnamed=True,
    )  # fmt: skip


@blueprint.route("/pools/<int:pool_id>/units/<int:unit_id>/take-back", methods=["GET", "POST"])
@signed_in
def take_back(pool_id: int, unit_id: int) -> Answer:
    """Take a unit back for some days: closed for everybody's booking, for the owner's use."""
    row, _institution, site, _agreement = visible_owned_pool(db.session(), actor(), pool_id)
    unit, zone = unit_of_pool(db.session(), pool_id, unit_id), ZoneInfo(site.time_zone)
    form = TakeBackForm(first_day=clock.now().astimezone(zone).date())
    question = _question(
        row, _("Take %(name)s back for a time?", name=unit_name(unit)),
        _("Nobody can book it on these days; it is yours to use."), _("Take it back"),
    )  # fmt: skip

    def times() -> Period:
        last = form.last_day.data or date.min
        begins, ends = days_between(form.first_day.data or date.min, last, zone, clock.now())
        return Period(begins, ends or begins)

    def closing() -> Closing:
        return Closing((times(),), OWN_USE, form.note.data or "")

    return ended(
        question,
        lambda s, who, now, dealing: close_times(s, who, unit_id, closing(), dealing, now),
        lambda s: closing_hits(s, unit_id, pool_id, [times()]),
        form, unnamed=True,
    )  # fmt: skip


@blueprint.post("/pools/<int:pool_id>/closures/<int:closure_id>/give-back")
@signed_in
def give_back(pool_id: int, closure_id: int) -> Answer:
    """End the own use of a unit: it can be booked again."""
    visible_owned_pool(db.session(), actor(), pool_id)
    run(lambda s, who, now: reopen(s, who, closure_id, now))
    flash(_("Open again."), "success")
    return redirect(url_for("contributed.pool", pool_id=pool_id))


@blueprint.route("/pools/<int:pool_id>/units/<int:unit_id>/take-out", methods=["GET", "POST"])
@signed_in
def take_out(pool_id: int, unit_id: int) -> Answer:
    """Take a unit out of what is shared for good: it gets a group of its own, not shared."""
    row, _agreement, _zone = _shared(pool_id)
    unit = unit_of_pool(db.session(), pool_id, unit_id)
    form = TakeOutForm(name_zh=row.name_zh, name_en=row.name_en)
    question = _question(
        row, _("Take %(name)s out of the sharing for good?", name=unit_name(unit)),
        _("It gets a group of its own that is not shared. What is kept on it stays as booked."),
        _("Take it out"),
    )  # fmt: skip

    def wanted() -> Split:
        names = (form.name_zh.data or "", form.name_en.data or "")
        return Split((unit_id,), *names, shared=False)

    return ended(
        question,
        lambda s, who, now, dealing: split_pool(s, who, pool_id, wanted(), now, dealing),
        lambda _session: [units_leave(pool_id, [unit_id], clock.now())],
        form, KEEP, unnamed=True,
    )  # fmt: skip


def _shared(pool_id: int) -> tuple[Pool, Contribution, ZoneInfo]:
    """Return a pool, its agreement and zone. Raises NotFound also where it is not shared."""
    row, _institution, site, agreement = visible_owned_pool(db.session(), actor(), pool_id)
    if agreement is None:
        raise NotFound("contribution")
    return row, agreement, ZoneInfo(site.time_zone)


def _question(row: Pool, title: str, text: str, button: str, *, danger: bool = True) -> Question:
    back = url_for("contributed.pool", pool_id=row.id)
    return Question(title, text, button, back, _("Done."), back, "sharing", danger=danger)


def _when(closure: Closure, zone: ZoneInfo) -> str:
    return period_text(Period(closure.start_at, closure.end_at), zone)


def _name(row: Pool) -> str:
    return named(row.name_zh, row.name_en)


def _terms(row: Contribution | None, zone_name: str) -> list[str]:
    """Return in words how a pool is shared: days, hours, pause; empty for one that is not."""
    if row is None:
        return []
    lines = [days_text(row, zone_name)]
    if row.shared_hours is not None:
        lines.append(hours_text(WeeklyHours.parse(row.shared_hours)))
    if row.paused_from is not None and (row.paused_until or clock.now()) >= clock.now():
        lines.append(pause_text(row.paused_from, row.paused_until, ZoneInfo(zone_name)))
    return lines
