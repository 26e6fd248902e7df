"""The operator's pages of contributions: which pools are shared, from when and until when."""

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.companies.queries.parties import institution_choices
from booking.core.hours import WeeklyHours
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.forms.sharing import EndForm, ShareForm, TermsForm
from booking.inventory.models import Contribution
from booking.inventory.queries.sharing import (
    contribution_at,
    pools_by_sharing,
    unshared_pool_ids,
)
from booking.inventory.rules.terms import last_day
from booking.inventory.services.sharing import change_terms, open_contributions
from booking.reservations.services.retiring import end_contribution, sharing_gone
from booking.web.access import park_permission
from booking.web.dealing import ended
from booking.web.lists import asked, asked_id, page_url
from booking.web.locale import named
from booking.web.paging import page_of
from booking.web.saving import Question, form_page, saved

blueprint = Blueprint("sharing", __name__, url_prefix="/park/sharing")
Answer = Response | str | tuple[str, int]


@blueprint.get("")
@park_permission("park.edit")
def list_contributions() -> Answer:
    """List pools with their agreements."""
    return _list_page(_share_form())


@blueprint.post("")
@park_permission("park.edit")
def share() -> Answer:
    """Share the pools ticked, or all unshared ones that match of an institution."""
    form = _share_form()
    q, institution_id = asked().q, asked_id("institution")
    if form.validate() and form.from_day.data:
        pools = list(form.pools.data or [])
        if form.everything.data and institution_id is not None:
            pools = unshared_pool_ids(db.session(), q, institution_id)
        terms = form.terms(form.from_day.data, form.until_day.data)
        opened = saved(form, lambda s, who, now: open_contributions(s, who, pools, terms, now))
        if opened:
            flash(_done(opened.opened, opened.already), "success")
            return redirect(
                url_for("sharing.list_contributions", institution=institution_id, q=q or None)
            )
    return _list_page(form)


@blueprint.route("/<int:contribution_id>", methods=["GET", "POST"])
@park_permission("park.edit")
def contribution(contribution_id: int) -> Answer:
    """Show an agreement, and change its terms."""
    row = contribution_at(db.session(), contribution_id)[0]
    hours = None if row.shared_hours is None else WeeklyHours.parse(row.shared_hours)
    form = TermsForm(obj=row, hours="own" if hours else "always", **TermsForm.lines(hours))
    if form.validate_on_submit():
        terms = form.terms(row.from_at.date())  # days are not changed here
        if saved(form, lambda s, who, now: change_terms(s, who, contribution_id, terms, now)):
            flash(_("Saved. What is booked already stays as it is."), "success")
            return redirect(url_for("sharing.contribution", contribution_id=contribution_id))
    row, pool, institution, site = contribution_at(db.session(), contribution_id)
    return form_page("park/contribution.html", form, contribution=row, pool=pool,
                     institution=institution, dates=days_text(row, site.time_zone))  # fmt: skip


@blueprint.route("/<int:contribution_id>/end", methods=["GET", "POST"])
@park_permission("park.edit")
def end(contribution_id: int) -> Answer:
    """Ask from when on a pool is no longer shared; refused while others have booked it later."""
    _row, pool, _institution, _site = contribution_at(db.session(), contribution_id)
    name = named(pool.name_zh, pool.name_en)
    question = Question(
        title=_("End the sharing of %(name)s?", name=name),
        text=_("Only its institution's people, its lab and the operator will book it then."),
        button=_("End sharing"),
        back=url_for("sharing.contribution", contribution_id=contribution_id),
        done=_("Done: the sharing of %(name)s ends.", name=name),
        after=url_for("sharing.list_contributions", institution=pool.institution_id),
        section="sharing",
    )
    form = EndForm()
    last = form.last_day
    return ended(
        question,
        lambda s, who, now, dealing: end_contribution(
            s, who, contribution_id, last.data, now, dealing
        ),
        lambda session: [sharing_gone(session, contribution_id, last.data, clock.now())[0]],
        form,
    )


def _share_form() -> ShareForm:
    return ShareForm(**TermsForm.lines(None), from_day=clock.now().date())


def _list_page(form: ShareForm) -> tuple[str, int]:
    wanted, institution_id = asked(), asked_id("institution")
    state = request.args.get("show", "")
    query = pools_by_sharing(wanted.q, institution_id, state)
    page = page_of(db.session(), query, wanted.number)
    dates = {c.id: days_text(c, site.time_zone) for _p, _i, _l, site, c, _n in page.items if c}
    return form_page(
        "park/sharing.html", form, page=page, wanted=wanted, state=state, dates=dates,
        institutions=institution_choices(db.session()), institution_id=institution_id,
        page_url=page_url, chosen=frozenset(form.pools.data or ()),
    )  # fmt: skip


def days_text(row: Contribution, zone_name: str) -> str:
    """Return from which day until which, in days of the pool's site."""
    zone = ZoneInfo(zone_name)
    first = row.from_at.astimezone(zone).date().isoformat()
    if row.until_at is None:
        return _("from %(first)s", first=first)
    return _("%(first)s to %(last)s", first=first, last=last_day(row.until_at, zone).isoformat())


def _done(opened: int, already: int) -> str:
    text = _("Shared now: %(count)s.", count=opened)
    return text + " " + _("Shared already: %(count)s.", count=already) if already else text
