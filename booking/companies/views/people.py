"""The operator's pages of people: invite, what they are where, and the end of it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from booking.accounts.models import User
from booking.accounts.queries.tokens import token_use
from booking.accounts.services.tokens import end_tokens_of
from booking.companies.forms.people import (
    LAB_ROLES,
    PARK_ROLES,
    PARTY_ROLES,
    InviteForm,
    ParkRoleForm,
    PartyForm,
    PersonForm,
)
from booking.companies.queries.lists import one
from booking.companies.queries.parties import (
    company_choices,
    institution_choices,
    lab_choices,
)
from booking.companies.queries.people import people, places_of
from booking.companies.queries.zones import home_zone
from booking.companies.services.memberships import place_in_party
from booking.companies.services.people import (
    Invited,
    edit_person,
    end_operator,
    give_park_role,
    grant_operator,
    invite_person,
    restore_person,
    send_invitation,
)
from booking.infra import clock
from booking.infra.db import db
from booking.reservations.services.leaving import end_party_place
from booking.reservations.services.retiring import retire_person
from booking.web.access import park_permission
from booking.web.fields import options
from booking.web.links import public_url
from booking.web.lists import asked, asked_id, page_url
from booking.web.locale import named
from booking.web.login import actor
from booking.web.paging import page_of
from booking.web.saving import Question, confirmed, form_page, retiring_question, run, saved

blueprint = Blueprint("people", __name__, url_prefix="/park/people")
Answer = Response | str | tuple[str, int]


@blueprint.get("")
@park_permission("park.edit")
def list_people() -> str:
    """List the people, searched by name, address and telephone."""
    wanted = asked()
    state = request.args.get("show", "")
    page = page_of(db.session(), people(wanted.q, state), wanted.number)
    places = places_of(db.session(), [row.User.id for row in page.items], clock.now())
    return render_template("park/people.html", page=page, wanted=wanted, state=state,
                           places=places, page_url=page_url, **_labels())  # fmt: skip


@blueprint.route("/new", methods=["GET", "POST"])
@park_permission("park.edit")
def invite() -> Answer:
    """Invite a person; `?company=`, `?institution=`, `?lab=` choose where they start."""
    form = InviteForm(party=_asked_party(), lab_id=asked_id("lab"))
    _offer_parties(form)
    form.lab_id.offer(lab_choices(db.session()), _("none"))
    if form.validate_on_submit():
        invited = saved(
            form, lambda s, who, now: invite_person(s, who, form.invitation(), _path, now)
        )
        if invited:
            return _invited(invited)
    return form_page("park/invite.html", form)


@blueprint.route("/<int:user_id>", methods=["GET", "POST"])
@park_permission("park.edit")
def person(user_id: int) -> Answer:
    """Show a person with what they are where, and change name and telephone."""
    form = PersonForm(obj=one(db.session(), User, user_id))
    if form.validate_on_submit():
        name, phone = form.name.data or "", form.phone.data or ""
        if saved(form, lambda s, who, now: edit_person(s, who, user_id, name, phone, now)):
            flash(_("Saved."), "success")
            return redirect(url_for("people.person", user_id=user_id))
    return _person_page(user_id, form, PartyForm(formdata=None))


@blueprint.post("/<int:user_id>/link")
@park_permission("park.edit")
def link(user_id: int) -> str:
    """Make a new one-use link to set the password: show it, and send it."""
    return _invited(run(lambda s, who, now: send_invitation(s, who, user_id, _path, now)))


@blueprint.post("/<int:user_id>/places")
@park_permission("park.edit")
def place(user_id: int) -> Answer:
    """Give a person a place in a company or institution, or other roles there."""
    form = PartyForm()
    chosen = form.place() if form.validate_on_submit() else None
    if chosen is None:
        form.party.errors = [_("Choose one of the list.")]
    elif saved(
        form, lambda s, who, now: place_in_party(s, who, user_id, chosen, now)
    ):  # fmt: skip
        flash(_("Saved."), "success")
        return redirect(url_for("people.person", user_id=user_id))
    page, _status = _person_page(user_id, _person_form(user_id), form)
    return page, 422


@blueprint.post("/<int:user_id>/places/<int:membership_id>/end")
@park_permission("park.edit")
def end_place(user_id: int, membership_id: int) -> Response:
    """End a person's place in a company or institution."""
    run(lambda s, who, now: end_party_place(s, who, user_id, membership_id, now))
    flash(_("Saved."), "success")
    return redirect(url_for("people.person", user_id=user_id))


@blueprint.route("/<int:user_id>/retire", methods=["GET", "POST"])
@park_permission("park.edit")
def retire(user_id: int) -> Answer:
    """Ask, then end a person's access."""
    row = one(db.session(), User, user_id)
    question = retiring_question(
        "people", row.name,
        url_for("people.person", user_id=user_id), url_for("people.list_people"),
    )  # fmt: skip
    return confirmed(question, lambda s, who, now: retire_person(s, who, user_id, now))


@blueprint.post("/<int:user_id>/restore")
@park_permission("park.edit")
def restore(user_id: int) -> Response:
    """Let a person sign in again."""
    run(lambda s, who, now: restore_person(s, who, user_id, now))
    return redirect(url_for("people.person", user_id=user_id))


@blueprint.route("/<int:user_id>/operator/grant", methods=["GET", "POST"])
@park_permission("park.edit")
def grant(user_id: int) -> Answer:
    """Ask, then make a person an operator of the park."""
    name = one(db.session(), User, user_id).name
    back = url_for("people.person", user_id=user_id)
    question = Question(
        title=_("Make %(name)s an operator?", name=name),
        text=_("Operators see and change everything in the park, people and their roles included."),
        button=_("Make operator"), back=back, done=_("%(name)s is an operator now.", name=name),
        after=back, section="people",
    )  # fmt: skip
    return confirmed(question, lambda s, who, now: grant_operator(s, who, user_id, now))


@blueprint.route("/<int:user_id>/operator/take", methods=["GET", "POST"])
@park_permission("park.edit")
def take(user_id: int) -> Answer:
    """Ask, then take the operator role from a person."""
    name = one(db.session(), User, user_id).name
    back = url_for("people.person", user_id=user_id)
    question = Question(
        title=_("Take the operator role from %(name)s?", name=name),
        text=_("These pages close at once; places in companies, institutions and labs stay."),
        button=_("Take the role"), back=back,
        done=_("%(name)s is no longer an operator.", name=name),
        after=url_for("shell.home") if user_id == actor().user_id else back, section="people",
    )  # fmt: skip
    return confirmed(question, lambda s, who, now: end_operator(s, who, user_id, now))


@blueprint.route("/<int:user_id>/park-role", methods=["GET", "POST"])
@park_permission("park.roles")
def park_role(user_id: int) -> Answer:
    """Give a person a role in the park, another one, or none."""
    row = one(db.session(), User, user_id)
    form, back = ParkRoleForm(role=row.park_role or ""), url_for("people.person", user_id=user_id)
    role = form.role.data or ""
    if form.validate_on_submit() and saved(
        form, lambda s, who, now: give_park_role(s, who, user_id, role, now)
    ):
        flash(_("Saved."), "success")
        return redirect(url_for("shell.home") if user_id == actor().user_id else back)
    above = [(_("People"), url_for("people.list_people")), (row.name, back)]
    return form_page("park/form.html", form, title=_("Role in the park"), section="people",
                     above=above, back=back)  # fmt: skip


@blueprint.post("/<int:user_id>/tokens/end")
@park_permission("park.edit")
def end_tokens(user_id: int) -> Response:
    """End every API token of a person."""
    one(db.session(), User, user_id)
    run(lambda s, who, now: end_tokens_of(s, who, user_id, now))
    flash(_("All tokens of the person have ended."), "success")
    return redirect(url_for("people.person", user_id=user_id))


def _path(token: str) -> str:
    return url_for("accounts.set_password", token=token)


def _invited(invited: Invited) -> str:
    """Show the link, this once; it is not kept anywhere that could show it again."""
    row = one(db.session(), User, invited.user_id)
    return render_template("park/invited.html", person=row, link=public_url(invited.path))


def _person_form(user_id: int) -> PersonForm:
    return PersonForm(formdata=None, obj=one(db.session(), User, user_id))


def _person_page(user_id: int, form: PersonForm, joining: PartyForm) -> tuple[str, int]:
    _offer_parties(joining)
    places = places_of(db.session(), [user_id], clock.now()).get(user_id, [])
    return form_page("park/person.html", form, person=one(db.session(), User, user_id),
                     joining=joining, places=places, **_labels(),
                     tokens=token_use(db.session(), user_id, clock.now()),
                     zone=home_zone(db.session()))  # fmt: skip


def _offer_parties(form: PartyForm) -> None:
    offered = options({"": _("none")})
    for heading, kind, rows in (
        (_("Companies"), "company", company_choices(db.session())),
        (_("Institutions"), "institution", institution_choices(db.session())),
    ):
        labels = {f"{kind}-{row.id}": named(row.name_zh, row.name_en) for row in rows}
        offered += options(labels, heading)
    form.party.choices = offered


def _asked_party() -> str:
    for kind in ("company", "institution"):
        key = asked_id(kind)
        if key is not None:
            return f"{kind}-{key}"
    return ""


def _labels() -> dict[str, Any]:
    return {"party_roles": PARTY_ROLES, "lab_roles": LAB_ROLES, "park_roles": PARK_ROLES}
