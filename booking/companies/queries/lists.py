"""What the lists of the park's pages have in common: search words, retired or not, counts."""

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from booking.core.errors import NotFound
from booking.infra.db import Base

T = TypeVar("T", bound=Base)
MOST_WORDS = 8
MOST_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose in a form; a lab stands under its institution."""

    id: int
    name_zh: str
    name_en: str
    above_zh: str = ""
    above_en: str = ""


def found_in(q: str, *columns: Any) -> ColumnElement[bool]:
    """Return the condition that every word of `q` occurs in one of the columns, whatever its case.

    At most 8 words of the first 100 characters count.
    """
    words = q[:MOST_CHARACTERS].split()[:MOST_WORDS]
    if not words:
        return true()
    return and_(
        *(or_(false(), *(c.icontains(word, autoescape=True) for c in columns)) for word in words)
    )


def shown(retired_at: Any, *, retired: bool) -> ColumnElement[bool]:
    """Return the condition of a list of live things, or of the retired ones."""
    condition: ColumnElement[bool] = retired_at.is_not(None) if retired else retired_at.is_(None)
    return condition


def count_of(column: Any, *conditions: ColumnElement[bool]) -> Any:
    """Return a correlated count, a column of a list."""
    return select(func.count(column)).where(*conditions).scalar_subquery()


def one(session: Session, table: type[T], row_id: int) -> T:
    """Return a row by id, retired or not. Raises NotFound."""
    row = session.get(table, row_id)
    if row is None:
        raise NotFound(str(table.__tablename__))
    return row
