"""Which tours there are and whose they are. Pure; their words are the views'."""

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor

TOURS = ("member", "manager", "operator")


def tour_of(actor: Actor) -> str | None:
    """Return the tour for what somebody does here first of all; none for who only reads."""
    if actor.reads_only:
        return None
    if may(actor, "park.edit"):
        return "operator"
    return "manager" if actor.managed_lab_ids else "member"
