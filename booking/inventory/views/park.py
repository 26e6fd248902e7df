"""The operator's start page: what the park has, and what it still lacks to be booked."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from booking.accounts.rules.permissions import may
from booking.companies.queries.applications import open_count
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import db
from booking.inventory.queries.checklist import ParkCounts, park_counts
from booking.privacy.queries import asked_count
from booking.web.access import park_permission
from booking.web.shell import NavItem

blueprint = Blueprint("park", __name__, url_prefix="/park")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a park needs: what, how many there are, and where to see and add them."""

    label: str
    why: str
    count: int
    list_url: str
    new_url: str


@blueprint.get("")
@park_permission("park.edit")
def start() -> str:
    """Show the checklist."""
    counts = park_counts(db.session(), clock.now())
    steps = _steps(counts)
    following = next((step for step in steps if not step.count), None)
    return render_template(
        "park/start.html", counts=counts, steps=steps, following=following,
        registrations=open_count(db.session()), erasures=asked_count(db.session()),
    )  # fmt: skip


def nav(actor: Actor) -> list[NavItem]:
    """Return the park's entry of the main navigation."""
    if not may(actor, "park.read"):
        return []
    active = request.path.startswith(("/park", "/manage"))
    return [NavItem(_("Park admin"), url_for("park.start"), "gear", active)]


def _steps(counts: ParkCounts) -> list[Step]:
    return [
        Step(_("Site"), _("where things stand, with its time zone"), counts.sites,
             url_for("places.list_sites"), url_for("places.new_site")),
        Step(_("Institution"), _("who contributes units"), counts.institutions,
             url_for("parties.list_institutions"), url_for("parties.new_institution")),
        Step(_("Lab"), _("the team that runs them"), counts.labs,
             url_for("labs.list_labs"), url_for("labs.new_lab")),
        Step(_("Lab manager"), _("who approves requests"), counts.managers,
             url_for("labs.list_labs"), url_for("people.invite")),
        Step(_("Instrument groups"), _("groups of units that may stand in for one another"),
             counts.pools, url_for("manage.list_pools"), url_for("manage.new_pool")),
        Step(_("Sharing"), _("without an agreement only the owner's people book"), counts.shared,
             url_for("sharing.list_contributions"), url_for("sharing.list_contributions")),
        Step(_("Resident company"), _("whose people book"), counts.companies,
             url_for("parties.list_companies"), url_for("parties.new_company")),
        Step(_("People of companies"), _("each gets an invitation"), counts.members,
             url_for("people.list_people"), url_for("people.invite")),
    ]  # fmt: skip
