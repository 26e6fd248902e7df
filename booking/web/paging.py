"""Numbered pages of a list, for pages and API alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import CompoundSelect, Select, func, select
from sqlalchemy.orm import Session

T = TypeVar("T")
PER_PAGE = 50
MOST_PER_PAGE = 200
COUNT_UP_TO = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `total` is exact to 10,000, else None."""

    items: Sequence[T]
    number: int
    per_page: int
    total: int | None
    has_more: bool


def page_of(
    session: Session,
    query: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]],
    number: int,
    per_page: int = PER_PAGE,
) -> Page[Any]:
    """Return page `number` (from 1) of an ordered query, rows as the query gives them. Two queries.

    Deeper than 10,000 rows the page is empty: lists are narrowed, not leafed through.
    """
    per_page = max(1, min(per_page, MOST_PER_PAGE))
    number = max(1, number)
    if number * per_page > COUNT_UP_TO + per_page:
        return Page((), number, per_page, None, has_more=False)
    offset = (number - 1) * per_page
    rows = session.execute(query.limit(per_page + 1).offset(offset)).all()
    inner = query.order_by(None).limit(COUNT_UP_TO + 1).subquery()
    total = session.execute(select(func.count()).select_from(inner)).scalar_one()
    return Page(
        rows[:per_page],
        number,
        per_page,
        total if total <= COUNT_UP_TO else None,
        has_more=len(rows) > per_page,
    )
