"""For whom, beside oneself, one may book."""

from booking.accounts.rules.permissions import Subject, may
from booking.core.actor import Actor


def companies_booked_for(actor: Actor) -> frozenset[int]:
    """Return the companies for whose members the actor may book."""
    return frozenset(
        key for key in actor.company_ids
        if may(actor, "reservation.for_colleague", Subject(company_id=key))
    )  # fmt: skip
