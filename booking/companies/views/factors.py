"""The operator's page: of whom a second factor is asked, and who lacks one."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.queries.requiring import factor_policy, required
from booking.accounts.rules.factors import ROLES, Required, deadline
from booking.companies.forms.factors import ROLE_LABELS, FactorsForm
from booking.companies.queries.factors import Holder, holders
from booking.companies.queries.zones import home_zone
from booking.companies.services.factors import ask_factors
from booking.core.local import midnight
from booking.infra import clock
from booking.infra.db import db
from booking.web import login
from booking.web.access import park_permission
from booking.web.arguments import page_number
from booking.web.proof import is_fresh
from booking.web.saving import saved

blueprint = Blueprint("park_factors", __name__, url_prefix="/park")
PER_PAGE = 50
NOTICE = timedelta(days=14)  # what a first date is put at


@blueprint.route("/second-factors", methods=["GET", "POST"])
@park_permission("park.edit")
def edit_policy() -> Response | tuple[str, int]:
    """Show whom a second factor is asked of and who lacks one; ask it of others."""
    session, now = db.session(), clock.now()
    zone, row, asked = home_zone(session), factor_policy(session), required(session)
    first = asked.from_at or now + NOTICE
    form = FactorsForm(
        data={
            "roles": sorted(asked.roles), "from_on": first.astimezone(zone).date(),
            "grace_days": asked.grace_days,
        }
    )  # fmt: skip
    if form.validate_on_submit():
        if not is_fresh(login.here(), now):
            return redirect(url_for("accounts.confirm", next=request.path), 303)
        from_at = midnight(form.from_on.data, zone)  # type: ignore[arg-type]
        roles, days = form.roles.data or [], form.grace_days.data or 0
        if saved(form, lambda s, who, at: ask_factors(s, who, roles, from_at, days, at)):
            flash(_("Saved. Whoever lacks a second factor is written to."), "success")
            return redirect(url_for("park_factors.edit_policy"))
    everybody = holders(session, now)
    lacking = [h for h in everybody if not h.has_factor and h.roles & asked.roles]
    number = page_number()
    shown = lacking[(number - 1) * PER_PAGE : number * PER_PAGE]
    page = render_template(
        "park/factors.html", form=form, policy=row, asked=asked, counts=_counts(everybody, asked),
        rows=[(h, _words(h, asked), deadline(asked, h.asked_at)) for h in shown],
        lacking=len(lacking), number=number, has_more=number * PER_PAGE < len(lacking),
        per_page=PER_PAGE, zone=zone, now=now,
        page_url=lambda page: url_for("park_factors.edit_policy", page=page),
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _counts(everybody: list[Holder], asked: Required) -> list[tuple[str, bool, int, int]]:
    """Return (role in words, whether it is asked, people, those without) of each role there is."""
    found = []
    for role in ROLES:
        of = [h for h in everybody if role in h.roles]
        without = sum(not h.has_factor for h in of)
        found.append((str(ROLE_LABELS[role]), role in asked.roles, len(of), without))
    return found


def _words(holder: Holder, asked: Required) -> list[str]:
    return [str(ROLE_LABELS[role]) for role in ROLES if role in holder.roles & asked.roles]
