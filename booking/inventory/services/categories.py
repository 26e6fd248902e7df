"""Filling the table of instrument classes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.inventory.models import Category
from booking.inventory.rules.classes import InstrumentClass
from booking.inventory.rules.dictionary import DictionaryProblem, DictionaryRow, read_dictionary
from booking.inventory.services.search import refresh_search


@dataclass(frozen=True, slots=True)
class CategoriesLoaded:
    """What loading did, in classes; classes that a file does not name stay."""

    new: int
    changed: int
    unchanged: int
    problems: tuple[DictionaryProblem, ...] = ()


def load_dictionary(
    session: Session, actor: Actor | None, rows: Iterable[DictionaryRow], now: datetime
) -> CategoriesLoaded:
    """Put the classes of a dictionary into the table, by code. Three statements and the changes.

    Rows that name themselves as parent or repeat a code neither loop nor stop the rest.
    """
    known = dict(session.execute(select(Category.code, Category.parent_code)).all())
    dictionary = read_dictionary(rows, known)
    return load_classes(session, actor, dictionary.classes, now, dictionary.problems)


def load_classes(
    session: Session,
    actor: Actor | None,
    classes: Iterable[InstrumentClass],
    now: datetime,
    problems: tuple[DictionaryProblem, ...] = (),
) -> CategoriesLoaded:
    """Insert or update the classes, parents first. An English name is kept where none is given."""
    present = {category.code: category for category in session.scalars(select(Category))}
    fresh: list[dict[str, object]] = []
    changed = unchanged = 0
    for node in classes:
        category = present.get(node.code)
        if category is None:
            fresh.append(_row(node))
        elif _update(category, node):
            changed += 1
        else:
            unchanged += 1
    if fresh:
        session.execute(insert(Category), fresh)
    if changed:
        refresh_search(session, None)  # pools are found by the names of their classes
    if fresh or changed:
        after = {"new": len(fresh), "changed": changed}
        record(session, actor, "categories.load", ("category", 0), now, after=after)
    return CategoriesLoaded(len(fresh), changed, unchanged, problems)


def _row(node: InstrumentClass) -> dict[str, object]:
    return {
        "code": node.code, "parent_code": node.parent_code, "level": node.level,
        "name_zh": node.name_zh, "name_en": node.name_en,
    }  # fmt: skip


def _update(category: Category, node: InstrumentClass) -> bool:
    wanted = (node.parent_code, node.level, node.name_zh, node.name_en or category.name_en)
    if wanted == (category.parent_code, category.level, category.name_zh, category.name_en):
        return False
    category.parent_code, category.level, category.name_zh, category.name_en = wanted
    return True
