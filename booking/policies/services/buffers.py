"""Spreading buffers over the pools that inherit them, in transactions of at most 50 pools."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.infra.db import lock_pools
from booking.inventory.services.buffers import inherit_buffers
from booking.policies.models import RuleEdition
from booking.policies.queries.book import current_book
from booking.policies.queries.buffers import stale_buffers
from booking.policies.services.settings import lock_edition

AT_ONCE = 50  # pools locked by one transaction (DESIGN §2)


def unsettled(session: Session) -> list[list[int]] | None:
    """Return the pools still to be refreshed, in lots for `refresh_buffers`; None: all is noted.

    One query where all is noted.
    """
    row = session.execute(select(RuleEdition.number, RuleEdition.buffers_number)).one_or_none()
    if row is None or row.number == row.buffers_number:
        return None
    stale = stale_buffers(session, current_book(session))
    return [stale[first : first + AT_ONCE] for first in range(0, len(stale), AT_ONCE)]


def refresh_buffers(session: Session, pool_ids: Sequence[int]) -> None:
    """Give these pools, at most 50, the buffers they inherit by the rules as they are now."""
    # Locked: no booking holds units by the old buffers while they change.
    lock_pools(session, list(pool_ids))
    inherit_buffers(session, pool_ids)


def settle_buffers(session: Session) -> bool:
    """Note that no pool is left to be refreshed; return False, nothing noted, when one is."""
    number = lock_edition(session)
    if stale_buffers(session, current_book(session)):
        return False
    changed = update(RuleEdition).where(RuleEdition.id == 1).values(buffers_number=number)
    session.execute(changed)
    return True
