"""Opening and changing contributions; ending one looks at what is booked (`reservations`)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import require
from booking.audit.services import add, change
from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.core.local import midnight
from booking.inventory.models import Contribution
from booking.inventory.queries.sharing import contribution_at, sharable
from booking.inventory.rules.terms import Terms, after_last, checked_terms


@dataclass(frozen=True, slots=True)
class Opened:
    """How many agreements were opened, and how many pools were shared already."""

    opened: int
    already: int


def open_contributions(
    session: Session, actor: Actor, pool_ids: Collection[int], terms: Terms, now: datetime
) -> Opened:
    """Share the pools on these terms; those under a running agreement keep theirs.

    An agreement that has run out makes room for the new one. Raises NotFound unless operator,
    Invalid on unfit terms or without pools.
    """
    require(actor, "park.edit")
    terms = checked_terms(terms)
    opened = already = 0
    for pool_id, zone_name, present in sharable(session, pool_ids):
        if present is not None and (present.until_at is None or present.until_at > now):
            already += 1
            continue
        if present is not None:
            change(session, actor, present, {"ended_at": present.until_at}, now, action="end")
        zone = ZoneInfo(zone_name)
        until = after_last(terms.until_day, zone) if terms.until_day else None
        if until is not None and until <= now:
            raise Invalid("ends_in_the_past", field="until_day")
        row = Contribution(
            pool_id=pool_id, from_at=midnight(terms.from_day, zone), until_at=until,
            **_agreed(terms),
        )  # fmt: skip
        add(session, actor, row, now)
        opened += 1
    if not opened and not already:
        raise Invalid("no_pools_chosen", field="pools")
    return Opened(opened, already)


def change_terms(
    session: Session, actor: Actor, contribution_id: int, terms: Terms, now: datetime
) -> int:
    """Return `contribution_id` after writing hours, share and priority; its days stay.

    What is booked already stays. Raises NotFound, Invalid.
    """
    require(actor, "park.edit")
    terms = checked_terms(terms)
    contribution = contribution_at(session, contribution_id)[0]
    change(session, actor, contribution, _agreed(terms), now)
    return contribution_id


def _agreed(terms: Terms) -> dict[str, object]:
    return {
        "shared_hours": terms.hours.text if terms.hours is not None else None,
        "revenue_share_percent": terms.revenue_share_percent,
        "owner_priority_hours": terms.owner_priority_hours,
    }
