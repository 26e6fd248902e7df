"""A member of a company: what they are there, and how they leave it."""

from datetime import datetime

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from booking.companies.forms.joining import LeaveForm, MemberForm
from booking.companies.queries.company import Member, colleague_names, visible_company
from booking.companies.queries.company import visible_member as found_member
from booking.companies.services.members import set_roles
from booking.companies.views.company import Answer, around
from booking.companies.views.company import blueprint as blueprint
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db
from booking.policies.services.caps import limit_member
from booking.reservations.services.leaving import CANCEL, Parting, leave, to_come
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.fields import options
from booking.web.login import actor
from booking.web.saving import form_page, saved

CANCEL_WORD = "cancel"


@blueprint.route("/<int:company_id>/members/<int:membership_id>", methods=["GET", "POST"])
@signed_in
def member(company_id: int, membership_id: int) -> Answer:
    """Show what somebody is in the company, and change it."""
    visible_company(db.session(), actor(), company_id, "company.look")
    company, found = found_member(db.session(), actor(), company_id, membership_id, clock.now())
    minutes = found.membership.month_minutes
    form = MemberForm(
        roles=[role for role in found.roles if role != "member"],
        month_hours=None if minutes is None else minutes // 60,
    )
    if form.validate_on_submit():
        place, roles, hours = (company_id, membership_id), form.chosen(), form.month_hours.data
        if saved(form, lambda s, who, now: _change(s, who, place, roles, hours, now)):
            flash(_("Saved."), "success")
            return redirect(url_for("company.home", company_id=company_id))
    return form_page(
        "companies/member.html", form, member=found, **around(actor(), company, "people")
    )


def _change(
    session: Session,
    who: Actor,
    place: tuple[int, int],
    roles: tuple[str, ...],
    hours: int | None,
    now: datetime,
) -> int:
    limit_member(session, who, *place, hours, now)
    return set_roles(session, who, *place, roles, now)


@blueprint.route("/<int:company_id>/members/<int:membership_id>/leave", methods=["GET", "POST"])
@signed_in
def part(company_id: int, membership_id: int) -> Answer:
    """Ask what becomes of what is to come, then end a place: one's own, or a member's."""
    session, now = db.session(), clock.now()
    company, found = found_member(session, actor(), company_id, membership_id, now)
    coming = to_come(session, company_id, found.person.id, now)
    form = LeaveForm()
    form.rest.choices = _fates(session, found, company_id, now)
    own = found.person.id == actor().user_id
    name = found.person.name
    if form.validate_on_submit():
        parting = _parting(form, [one.id for one in coming])
        if saved(form, lambda s, who, at: leave(s, who, company_id, membership_id, parting, at)):
            if own:
                flash(_("You have left the company."), "success")
                return redirect(url_for("company.mine"))
            flash(_("%(name)s no longer belongs to the company.", name=name), "success")
            return redirect(url_for("company.home", company_id=company_id))
    return form_page(
        "companies/leave.html", form, member=found, coming=coming, own=own,
        chosen={one.id: request.form.get(f"fate-{one.id}", "") for one in coming},
        **around(actor(), company, "people"),
    )  # fmt: skip


def _fates(
    session: Session, found: Member, company_id: int, now: datetime
) -> list[tuple[str, str]]:
    labels = {"": _("Choose …"), CANCEL_WORD: _("Cancel")}
    for key, name in colleague_names(session, company_id, found.person.id, now):
        labels[str(key)] = _("Hand to %(name)s", name=name)
    return options(labels)


def _parting(form: LeaveForm, coming: list[int]) -> Parting:
    each = {key: _fate(request.form.get(f"fate-{key}", "")) for key in coming}
    decided = {key: fate for key, fate in each.items() if fate is not None}
    return Parting(_fate(form.rest.data or ""), decided, form.reason.data or "")


def _fate(text: str) -> int | None:
    return CANCEL if text == CANCEL_WORD else id_of(text)
