"""Copying buffers set above the pools into the pools, where queries over all units read them."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from booking.inventory.models import Pool
from booking.policies.queries.book import current_book
from booking.policies.queries.buffers import buffers_of

_HELD = (Pool.inherited_warmup_minutes, Pool.inherited_cleanup_minutes)


def inherit_buffers(session: Session, pool_ids: Sequence[int]) -> None:
    """Give these pools the buffers of their lab, class, site or park, by the rules as they are.

    For new pools, and those that now stand elsewhere; others the caller locks first.
    """
    book = current_book(session)
    columns = (Pool.id, Pool.lab_id, Pool.site_id, Pool.category_code)
    query = select(*columns, *_HELD).where(Pool.id.in_(pool_ids))
    for pool_id, lab_id, site_id, category, *held in session.execute(query).all():
        values = buffers_of(book, lab_id, site_id, category)
        if list(values.values()) != held:
            session.execute(update(Pool).where(Pool.id == pool_id).values(**values))
