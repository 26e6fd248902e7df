"""Which tours there are and whose they are. Pure; their words are the views'."""

from booking.core.actor import Actor

TOURS = ("member", "manager", "operator")
RUNS_PARK = ("operator", "administrator")


def tour_of(actor: Actor) -> str | None:
    """Return the tour for what somebody does here first of all; none for who only reads."""
    if actor.reads_only:
        return None
    if actor.park_role in RUNS_PARK:
        return "operator"
    return "manager" if actor.managed_lab_ids else "member"
