"""The blueprint of the reservation pages, and what several of them need."""

from dataclasses import replace

from flask import Blueprint, request
from flask_babel import gettext as _

from booking.core.actor import Actor
from booking.web.shell import NavItem, nav_item

blueprint = Blueprint("reservations", __name__)
# Shown under the lab's instruments, wherever they are written.
OF_THE_LAB = {
    "reservations.care", "reservations.close_unit", "reservations.out_of_service",
    "reservations.queue", "reservations.reports",
}  # fmt: skip


def nav(actor: Actor) -> list[NavItem]:
    """Return the entry every signed-in person has."""
    item = nav_item(_("My reservations"), "reservations.index", "calendar-check")
    lab = request.endpoint in OF_THE_LAB
    finding = request.endpoint == "reservations.find_time"
    return [replace(item, active=item.active and not (lab or finding))]
