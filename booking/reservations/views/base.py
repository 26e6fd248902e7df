"""The blueprint of the reservation pages, and what several of them need."""

from flask import Blueprint
from flask_babel import gettext as _

from booking.core.actor import Actor
from booking.web.shell import NavItem, nav_item

blueprint = Blueprint("reservations", __name__)


def nav(actor: Actor) -> list[NavItem]:
    """Return the entry every signed-in person has."""
    return [nav_item(_("My reservations"), "reservations.index", "calendar-check")]
