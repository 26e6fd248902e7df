"""Reads of the audit for pages: the park's, a company's own, an instrument group's own.

Newest first, a page by the row before it (keyset), so that page 1,000 costs what page 1 does.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import Subject, require
from booking.audit.models import Audit, AuditPersonal
from booking.companies.models import Building, Company, Institution, Lab, Membership, Room, Site
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.inventory.models import Contribution, Platform, Pool, Unit
from booking.reservations.models import (
    Draw,
    DrawEntry,
    Reservation,
    ReservationGroup,
    WaitlistEntry,
)

PER_PAGE = 50
PEOPLE = ("user", "user_account")  # two names of one thing
MOST_PEOPLE = 200  # a typed name may stand for
# Of a person, what a company reads of its own people; not how they sign in, nor from where.
OF_PEOPLE = (
    "user.create", "user.edit", "user.invite", "user.retire", "user.restore",
    "qualification.grant", "qualification.revoke",
)  # fmt: skip
_COLUMNS = (
    Audit.id, Audit.at, Audit.actor_id, Audit.action, Audit.subject_type, Audit.subject_id,
    Audit.before, Audit.after, Audit.via, Audit.address,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; `before` (instant, id) is the row it goes on after."""

    since: datetime
    until: datetime | None = None
    person: str = ""
    kind: str = ""  # a subject_type
    thing_id: int | None = None  # with a kind
    before: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as pages show it. `name` and `link_id` are of the thing, where it has them."""

    id: int
    at: datetime
    who: str | None  # None: the system
    action: str
    thing: str
    thing_id: int
    name: tuple[str, str]
    via: str | None
    address: str | None
    reason: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose audit is read: the park's, a company's or a group's."""

    company_id: int | None = None
    pool_id: int | None = None

    @property
    def whole(self) -> bool:
        """Return whether it is the park's."""
        return self.company_id is None and self.pool_id is None


def visible_audit(
    session: Session, actor: Actor, scope: Scope, wanted: Wanted, limit: int = PER_PAGE
) -> list[Entry]:
    """Return at most `limit` rows that the actor may read, newest first.

    At most 16 queries, whatever the number of rows. Raises NotFound for who may not read it.
    """
    _require(session, actor, scope)
    base = _rows_of(scope)
    rows = session.execute(_narrowed(session, base, wanted).limit(limit)).all()
    reasons = _reasons(session, [row.id for row in rows])
    people = _people(session, {row.actor_id for row in rows if row.actor_id is not None})
    names = _names(session, rows)
    return [
        Entry(
            row.id, row.at, _who(row.actor_id, people), row.action, row.subject_type,
            row.subject_id, names.get((row.subject_type, row.subject_id), ("", "")),
            row.via if scope.whole else None, row.address if scope.whole else None,
            "" if scope.company_id and row.subject_type in PEOPLE else reasons.get(row.id, ""),
            _values(row.before), _values(row.after),
        )
        for row in rows
    ]  # fmt: skip


def company_of(session: Session, company_id: int) -> Company:
    """Return a company. Raises NotFound. One query."""
    company: Company = _there(session.get(Company, company_id))
    return company


def _require(session: Session, actor: Actor, scope: Scope) -> None:
    if scope.company_id is not None:
        company = company_of(session, scope.company_id)
        require(actor, "audit.read_company", Subject(company_id=company.id))
    elif scope.pool_id is not None:
        pool = _there(session.get(Pool, scope.pool_id))
        require(actor, "audit.read_pool", Subject(lab_id=pool.lab_id))
    else:
        require(actor, "audit.read")


def _there(row: Any) -> Any:
    if row is None:
        raise NotFound
    return row


def _rows_of(scope: Scope) -> Select[*tuple[Any, ...]]:
    """Return the rows of a scope, found from its things: the rest of the audit is not looked at."""
    if scope.company_id is not None:
        branches = _of_company(scope.company_id)
    elif scope.pool_id is not None:
        branches = _of_pool(scope.pool_id)
    else:
        return select(*_COLUMNS)
    parts = [select(*_COLUMNS).where(branch) for branch in branches]
    found = union_all(*parts).subquery()
    return select(*(found.c[column.key] for column in _COLUMNS))


def _of_company(company_id: int) -> list[ColumnElement[bool]]:
    members = select(Membership.user_id).where(Membership.company_id == company_id)
    return [
        _of("reservation", select(Reservation.id).where(Reservation.company_id == company_id)),
        _of(
            "reservation_group",
            select(ReservationGroup.id).where(ReservationGroup.company_id == company_id),
        ),
        _of("waitlist", select(WaitlistEntry.id).where(WaitlistEntry.company_id == company_id)),
        _of("draw_entry", select(DrawEntry.id).where(DrawEntry.company_id == company_id)),
        _of("membership", select(Membership.id).where(Membership.company_id == company_id)),
        and_(Audit.subject_type == "company", Audit.subject_id == company_id),
        *(_of(kind, members) & Audit.action.in_(OF_PEOPLE) for kind in PEOPLE),
    ]


def _of_pool(pool_id: int) -> list[ColumnElement[bool]]:
    units = select(Unit.id).where(Unit.pool_id == pool_id)
    draws = select(Draw.id).where(Draw.pool_id == pool_id)
    return [
        and_(Audit.subject_type.in_(("pool", "rule_pool")), Audit.subject_id == pool_id),
        _of("unit", units),
        _of("reservation", select(Reservation.id).where(Reservation.pool_id == pool_id)),
        _of("contribution", select(Contribution.id).where(Contribution.pool_id == pool_id)),
        _of("waitlist", select(WaitlistEntry.id).where(WaitlistEntry.pool_id == pool_id)),
        _of("draw", draws),
        _of("draw_entry", select(DrawEntry.id).where(DrawEntry.draw_id.in_(draws))),
    ]


def _of(kind: str, ids: Select[int]) -> ColumnElement[bool]:
    return and_(Audit.subject_type == kind, Audit.subject_id.in_(ids))


def _narrowed(
    session: Session, query: Select[*tuple[Any, ...]], wanted: Wanted
) -> Select[*tuple[Any, ...]]:
    columns = query.selected_columns
    query = query.where(columns.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(columns.at < wanted.until)
    if wanted.person:
        query = query.where(columns.actor_id.in_(_called(session, wanted.person)))
    if wanted.kind:
        kinds = PEOPLE if wanted.kind in PEOPLE else (wanted.kind,)
        query = query.where(columns.subject_type.in_(kinds))
        if wanted.thing_id is not None:
            query = query.where(columns.subject_id == wanted.thing_id)
    if wanted.before is not None:
        at, number = wanted.before
        older = or_(columns.at < at, and_(columns.at == at, columns.id < number))
        query = query.where(columns.at <= at, older)
    return query.order_by(columns.at.desc(), columns.id.desc())


def _called(session: Session, words: str) -> list[int]:
    wanted = words.strip().lower()
    named = or_(
        func.lower(User.name).contains(wanted, autoescape=True),
        User.email.contains(wanted, autoescape=True),
    )
    query = select(User.id).where(named).order_by(User.id).limit(MOST_PEOPLE)
    return list(session.scalars(query))


def _reasons(session: Session, ids: Sequence[int]) -> dict[int, str]:
    query = select(AuditPersonal.audit_id, AuditPersonal.text)
    found = session.execute(query.where(AuditPersonal.audit_id.in_(ids))) if ids else ()
    return {row.audit_id: row.text for row in found}


def _people(session: Session, ids: set[int]) -> dict[int, str]:
    query = select(User.id, User.name).where(User.id.in_(ids))
    return {row.id: row.name for row in session.execute(query)} if ids else {}


def _who(actor_id: int | None, people: dict[int, str]) -> str | None:
    return None if actor_id is None else people.get(actor_id, f"#{actor_id}")


_BOTH: dict[str, Any] = {
    "pool": Pool, "rule_pool": Pool, "site": Site, "rule_site": Site, "institution": Institution,
    "company": Company, "lab": Lab, "rule_lab": Lab, "platform": Platform, "building": Building,
}  # fmt: skip
_ONE: dict[str, Any] = {
    "reservation": (Reservation, Reservation.reference),
    "reservation_group": (ReservationGroup, ReservationGroup.title),
    "user": (User, User.name), "user_account": (User, User.name),
    "unit": (Unit, func.coalesce(func.nullif(Unit.name, ""), Unit.asset_no, Unit.serial)),
    "room": (Room, Room.name),
}  # fmt: skip


def _names(session: Session, rows: Sequence[Any]) -> dict[tuple[str, int], tuple[str, str]]:
    """Return (kind, id) → (Chinese, English) of what the rows are about. A query a kind."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.subject_type, set()).add(row.subject_id)
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for kind, ids in wanted.items():
        if kind in _BOTH:
            table = _BOTH[kind]
            query = select(table.id, table.name_zh, table.name_en).where(table.id.in_(ids))
        elif kind in _ONE:
            table, name = _ONE[kind]
            query = select(table.id, name, name).where(table.id.in_(ids))
        else:
            continue
        for number, zh, en in session.execute(query):
            found[kind, number] = (zh or "", en or "")
    return found


def _values(stored: str | None) -> dict[str, Any]:
    found = json.loads(stored) if stored else {}
    return found if isinstance(found, dict) else {}
