"""What is set at one place of the tree, and the pools that stand below it."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may_look, require
from booking.companies.models import Lab, Site
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.hours import WeeklyHours
from booking.inventory.models import Category, Pool
from booking.policies.models import RuleValue
from booking.policies.rules.settings import POOL_COLUMNS
from booking.policies.rules.tree import Place, RuleBook

# (rule, group) -> (value in its JSON form, whether it grants); the group is empty for everyone
Own = dict[tuple[str, str], tuple[Any, bool]]
_PLACE = (Pool.id, Pool.lab_id, Pool.site_id, Pool.category_code)
_COLUMNS = tuple(getattr(Pool, name) for name in POOL_COLUMNS)


@dataclass(frozen=True, slots=True)
class Scope:
    """A place at which rules are set; `key` is an id as text, a class's code, empty for the park.

    `lab_id` is the lab that may edit it, none where only an operator may.
    """

    kind: str
    key: str
    name_zh: str = ""
    name_en: str = ""
    lab_id: int | None = None

    @property
    def path(self) -> tuple[str, str]:
        """Return it as the tree names it."""
        return (self.kind, self.key)

    @property
    def number(self) -> int:
        """Return its id, a class's code as a number, 0 for the park: what audit rows name."""
        return int(self.key or 0)


@dataclass(frozen=True, slots=True)
class Placed:
    """A pool, where it stands, and the values set on it in columns of its own."""

    place: Place
    own: dict[str, Any]


def scope_to_edit(session: Session, actor: Actor, kind: str, key: str) -> Scope:
    """Return a live place whose rules the actor may set. Raises NotFound. At most one query."""
    found = _scope(session, kind, key)
    require(actor, *_what(found))
    return found


def visible_scope(session: Session, actor: Actor, kind: str, key: str) -> Scope:
    """Return a live place whose rules the actor may look at. Raises NotFound. One query at most."""
    found = _scope(session, kind, key)
    if not may_look(actor, *_what(found)):
        raise NotFound(kind)
    return found


def _scope(session: Session, kind: str, key: str) -> Scope:
    found = Scope("park", "") if kind == "park" else _row(session, kind, key)
    if found is None:
        raise NotFound(kind)
    return found


def _what(scope: Scope) -> tuple[str, Subject]:
    """Return what setting rules at a place takes, and of whom."""
    if scope.lab_id is not None:
        return "pool.edit", Subject(lab_id=scope.lab_id)
    return "park.edit", Subject()


def own_values(row: Any) -> dict[str, Any]:
    """Return what a pool's row of POOL_COLUMNS sets, by rule; empty ones are inherited."""
    own = {name: value for name in POOL_COLUMNS if (value := getattr(row, name)) is not None}
    if "opening_hours" in own:
        own["opening_hours"] = WeeklyHours.parse(own["opening_hours"])
    return own


def own_settings(session: Session, scope: Scope) -> Own:
    """Return what is set at this very place, a pool's columns included. At most two queries."""
    query = select(
        RuleValue.rule, RuleValue.group_kind, RuleValue.group_key, RuleValue.value,
        RuleValue.grants,
    ).where(RuleValue.scope_kind == scope.kind, RuleValue.scope_key == scope.key)  # fmt: skip
    found: Own = {}
    for rule, kind, key, value, grants in session.execute(query):
        found[rule, f"{kind}:{key}" if kind else ""] = (json.loads(value), bool(grants))
    if scope.kind == "pool":
        row = session.execute(select(*_COLUMNS).where(Pool.id == int(scope.key))).one()
        columns = {name: value for name, value in row._mapping.items() if value is not None}
        found.update({(name, ""): (value, False) for name, value in columns.items()})
    return found


def pools_at(session: Session, book: RuleBook, scope: Scope) -> list[Placed]:
    """Return the live pools at or below a place, by id. At most two queries."""
    query = select(*_PLACE, *_COLUMNS).where(Pool.retired_at.is_(None), below(session, scope))
    query = query.order_by(Pool.id)
    return [
        Placed(book.place(row.id, row.lab_id, row.site_id, row.category_code), own_values(row))
        for row in session.execute(query)
    ]


def below(session: Session, scope: Scope) -> ColumnElement[bool]:
    """Return the condition on Pool: at or below a place. At most one query."""
    if scope.kind == "park":
        return true()
    if scope.kind == "category":
        return Pool.category_code.in_(classes_below(session, scope.key))
    column = {"pool": Pool.id, "lab": Pool.lab_id, "site": Pool.site_id}[scope.kind]
    return column == int(scope.key)


def classes_below(session: Session, code: str) -> Collection[str]:
    """Return the code of a class and of all below it. One query."""
    children: dict[str | None, list[str]] = {}
    for child, parent in session.execute(select(Category.code, Category.parent_code)):
        children.setdefault(parent, []).append(child)
    found, ahead = {code}, [code]
    while ahead:
        fresh = [child for child in children.get(ahead.pop(), ()) if child not in found]
        found.update(fresh)
        ahead += fresh
    return sorted(found)


def _row(session: Session, kind: str, key: str) -> Scope | None:
    if kind == "category":
        found = session.get(Category, key)
        return Scope("category", found.code, found.name_zh, found.name_en) if found else None
    table = {"site": Site, "lab": Lab, "pool": Pool}.get(kind)
    if table is None or not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    columns = (table.name_zh, table.name_en, table.retired_at)  # type: ignore[attr-defined]
    query = select(*columns, table.lab_id if table is Pool else table.id)  # type: ignore[attr-defined]
    row = session.execute(query.where(table.id == int(key))).one_or_none()  # type: ignore[attr-defined]
    if row is None or row[2] is not None:
        return None
    return Scope(kind, str(int(key)), row[0], row[1], row[3] if kind != "site" else None)
