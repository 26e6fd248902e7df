"""The buffers that a pool's lab, class, site or the park set, against what its columns hold."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.inventory.models import Pool
from booking.policies.rules.tree import RuleBook


def buffers_of(book: RuleBook, lab_id: int, site_id: int, category: str | None) -> dict[str, int]:
    """Return the inherited columns of a pool that stands there."""
    # Id 0: values set on the pool itself come before inherited ones and are not asked for.
    rules = book.rules(book.place(0, lab_id, site_id, category), {})
    return {
        "inherited_warmup_minutes": rules.warmup_minutes.value,
        "inherited_cleanup_minutes": rules.cleanup_minutes.value,
    }


def stale_buffers(session: Session, book: RuleBook) -> list[int]:
    """Return the pools whose inherited columns are not what `book` says, by id. One query."""
    columns = (Pool.inherited_warmup_minutes, Pool.inherited_cleanup_minutes)
    query = select(Pool.id, Pool.lab_id, Pool.site_id, Pool.category_code, *columns)
    known: dict[tuple[int, int, str | None], list[int]] = {}
    stale = []
    for pool_id, lab_id, site_id, category, *held in session.execute(query.order_by(Pool.id)):
        where = (lab_id, site_id, category)
        if where not in known:
            known[where] = list(buffers_of(book, *where).values())
        if known[where] != held:
            stale.append(pool_id)
    return stale
