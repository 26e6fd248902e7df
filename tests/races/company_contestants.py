"""What racing processes do about companies; top-level, so that processes can be given them."""

from booking.companies.services.applications import Terms, approve
from booking.core.actor import Actor
from booking.infra import clock
from booking.infra.db import write
from booking.reservations.services.leaving import Parting, leave

Place = tuple[Actor, int, int]  # who, in which company, by which membership


def leave_round(number: int, places: list[Place]) -> str:
    """Leave the company of this round."""
    actor, company_id, membership_id = places[number]
    write(lambda s: leave(s, actor, company_id, membership_id, Parting(), clock.now()))
    return "left"


def approve_round(number: int, operator: Actor, applications: list[int]) -> str:
    """Approve the application of this round."""
    key = applications[number]
    write(lambda s: approve(s, operator, key, Terms(), "/x/{}".format, clock.now()))
    return "approved"
