"""What the page of rules at one place shows: each value, where it is from, and the groups."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.companies.models import Company, Institution, Lab, Site
from booking.companies.rules.register import PRICE_TIERS
from booking.inventory.models import Category, Pool
from booking.policies.models import PersonTag
from booking.policies.queries.book import current_book
from booking.policies.queries.own import Own, Scope
from booking.policies.rules.registry import BY_NAME, RuleKind
from booking.policies.rules.settings import LEVELS
from booking.policies.rules.tree import Place, RuleBook

Names = dict[tuple[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Held:
    """One rule at a place: the value that holds, where it is set, and what would be inherited."""

    kind: RuleKind
    value: Any
    origin: tuple[str, str]  # scope; ("default", "") where nothing is set
    inherited: Any
    inherited_from: tuple[str, str]
    own: bool


@dataclass(frozen=True, slots=True)
class GroupValue:
    """A rule set here for a group of people."""

    group: str
    rule: str
    value: Any
    grants: bool


def held_rules(session: Session, scope: Scope, own: Own, kinds: Iterable[RuleKind]) -> list[Held]:
    """Return each rule at a place. At most three queries."""
    book = current_book(session)
    place = _place(session, book, scope)
    rules = book.rules(place, {})
    found = []
    for kind in kinds:
        above = getattr(rules, kind.name)
        origins = book.origins(place, kind.name)
        origin = origins[0][0] if origins else ("default", "")
        mine = own.get((kind.name, ""))
        value = kind.parse(mine[0]) if mine else above.value
        found.append(
            Held(kind, value, scope.path if mine else origin, above.value, origin, bool(mine))
        )
    return found


def group_values(own: Own) -> list[GroupValue]:
    """Return what is set for groups, by group and then in the order of the registry."""
    order = {name: number for number, name in enumerate(BY_NAME)}
    found = [
        GroupValue(group, rule, BY_NAME[rule].parse(value), grants)
        for (rule, group), (value, grants) in own.items()
        if group and rule in order
    ]
    return sorted(found, key=lambda one: (one.group, order[one.rule]))


def scope_names(session: Session, scopes: Iterable[tuple[str, str]]) -> Names:
    """Return (Chinese, English) names of places and groups, by (kind, key). One query a kind."""
    wanted: dict[str, set[str]] = {}
    for kind, key in scopes:
        wanted.setdefault(kind, set()).add(key)
    tables: dict[str, Any] = {
        "site": Site, "lab": Lab, "pool": Pool, "company": Company, "institution": Institution,
    }  # fmt: skip
    found: Names = {}
    for kind, keys in wanted.items():
        if kind == "category":
            rows = select(Category.code, Category.name_zh, Category.name_en)
            rows = rows.where(Category.code.in_(keys))
        elif kind in tables:
            table = tables[kind]
            ids = [int(key) for key in keys]
            rows = select(table.id, table.name_zh, table.name_en).where(table.id.in_(ids))
        else:
            continue
        for key, zh, en in session.execute(rows):
            found[kind, str(key)] = (zh, en)
    return found


def group_choices(session: Session, lab_id: int | None) -> dict[str, list[tuple[str, str, str]]]:
    """Return the groups to choose from, by kind: (key, name in Chinese, in English).

    Tags are those in use in the whole park, and in the lab.
    """
    companies = select(Company.id, Company.name_zh, Company.name_en)
    institutions = select(Institution.id, Institution.name_zh, Institution.name_en)
    tags = select(PersonTag.tag).distinct().order_by(PersonTag.tag)
    if lab_id is not None:
        tags = tags.where(PersonTag.lab_key.in_((0, lab_id)))
    return {
        "tier": [(tier, tier, tier) for tier in PRICE_TIERS],
        "level": [(str(level), str(level), str(level)) for level in LEVELS],
        "tag": [(tag, tag, tag) for tag in session.scalars(tags)],
        "company": [
            (str(key), zh, en)
            for key, zh, en in session.execute(
                companies.where(Company.retired_at.is_(None)).order_by(Company.name_zh)
            )
        ],
        "institution": [
            (str(key), zh, en)
            for key, zh, en in session.execute(
                institutions.where(Institution.retired_at.is_(None)).order_by(Institution.name_zh)
            )
        ],
    }


def _place(session: Session, book: RuleBook, scope: Scope) -> Place:
    """Return the place whose values a scope inherits; a pool id of 0 leaves its own out."""
    if scope.kind == "pool":
        columns = (Pool.lab_id, Pool.site_id, Pool.category_code)
        row = session.execute(select(*columns).where(Pool.id == int(scope.key))).one()
        return book.place(0, *row)
    if scope.kind == "category":
        return Place(0, 0, 0, _classes_above(session, scope.key))
    return Place(0, 0, 0)


def _classes_above(session: Session, code: str) -> tuple[str, ...]:
    rows = session.execute(select(Category.code, Category.parent_code))
    parents = {row.code: row.parent_code for row in rows}
    chain = [code]
    while (parent := parents.get(chain[-1])) is not None and parent not in chain:
        chain.append(parent)
    return tuple(chain[1:])
