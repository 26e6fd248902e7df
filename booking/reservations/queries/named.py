"""Reservations with the names a page shows beside them: one query, whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from booking.accounts.models import User
from booking.accounts.rules.permissions import Subject
from booking.companies.models import Company, Institution, Lab, Site
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.period import Period
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Hold, Reservation
from booking.reservations.queries.purposes import is_hidden
from booking.reservations.queries.reservations import seen_by, unit_ids_of, with_groups

_Party, _Booker, _Decider = aliased(Institution), aliased(User), aliased(User)


@dataclass(frozen=True, slots=True)
class Named:
    """A reservation, its undecided change if any, and names in both languages (zh, en)."""

    row: Reservation
    change: Hold | None
    pool: tuple[str, str]
    model: str
    institution: tuple[str, str]
    lab: tuple[str, str]
    site: tuple[str, str]
    zone: ZoneInfo
    party: tuple[str, str]
    person: str
    booker: str  # who made it
    decider: str
    subject: Subject
    hides_purpose: bool  # its company keeps it from the owner's side

    @property
    def period(self) -> Period:
        """Return the shown times."""
        return Period(self.row.start_at, self.row.end_at)

    @property
    def asked(self) -> Period | None:
        """Return the times an undecided change asks for."""
        return Period(self.change.start_at, self.change.end_at) if self.change else None


@dataclass(frozen=True, slots=True)
class UnitName:
    """What a unit is told apart by; all but the id may be empty."""

    unit_id: int
    name: str
    asset_no: str
    serial: str
    place: str
    state: str


@dataclass(frozen=True, slots=True)
class PoolPlace:
    """Where a pool stands and whose it is: names (zh, en), and its model."""

    site: tuple[str, str]
    lab: tuple[str, str]
    institution: tuple[str, str]
    model: str


def named_reservations() -> Select[*tuple[Any, ...]]:
    """Return the query `named` reads, unscoped: callers add who may see it, and an order."""
    return (
        select(
            Reservation, Hold, Pool.name_zh, Pool.name_en, Pool.model, Pool.lab_id,
            Pool.institution_id, Institution.name_zh.label("owner_zh"),
            Institution.name_en.label("owner_en"), Lab.name_zh.label("lab_zh"),
            Lab.name_en.label("lab_en"), Lab.staff_may_approve, Site.name_zh.label("site_zh"),
            Site.name_en.label("site_en"), Site.time_zone,
            func.coalesce(Company.name_zh, _Party.name_zh, "").label("party_zh"),
            func.coalesce(Company.name_en, _Party.name_en, "").label("party_en"),
            func.coalesce(User.name, Reservation.person_text, "").label("person"),
            func.coalesce(_Booker.name, "").label("booker"),
            func.coalesce(_Decider.name, "").label("decider"),
            is_hidden().label("hides_purpose"),
        )
        .join(Pool, Pool.id == Reservation.pool_id)
        .join(Institution, Institution.id == Pool.institution_id)
        .join(Lab, Lab.id == Pool.lab_id)
        .join(Site, Site.id == Pool.site_id)
        .outerjoin(Company, Company.id == Reservation.company_id)
        .outerjoin(_Party, _Party.id == Reservation.institution_id)
        .outerjoin(User, User.id == Reservation.user_id)
        .outerjoin(_Booker, _Booker.id == Reservation.created_by_id)
        .outerjoin(_Decider, _Decider.id == Reservation.decided_by_id)
        .outerjoin(Hold, (Hold.reservation_id == Reservation.id) & Hold.released_at.is_(None))
    )  # fmt: skip


def named(record: Any) -> Named:
    """Return one row of `named_reservations`."""
    row: Reservation = record.Reservation
    subject = Subject(
        row.user_id, row.company_id, row.institution_id, record.lab_id, record.institution_id,
        bool(record.staff_may_approve),
    )  # fmt: skip
    return Named(
        row, record.Hold, (record.name_zh, record.name_en), record.model,
        (record.owner_zh, record.owner_en), (record.lab_zh, record.lab_en),
        (record.site_zh, record.site_en), ZoneInfo(record.time_zone),
        (record.party_zh, record.party_en), record.person, record.booker, record.decider, subject,
        bool(record.hides_purpose),
    )  # fmt: skip


def visible_named(session: Session, actor: Actor, reservation_id: int) -> Named:
    """Return one reservation. Raises NotFound when missing or not the actor's to see."""
    query = named_reservations().where(Reservation.id == reservation_id, seen_by(actor))
    record = session.execute(query).one_or_none()
    if record is None:
        raise NotFound("reservation")
    found = named(record)
    return replace(found, subject=with_groups(session, actor, reservation_id, found.subject))


def named_in_order(session: Session, reservation_ids: Sequence[int]) -> list[Named]:
    """Return these reservations in the given order; the caller has scoped the ids. One query."""
    rows = session.execute(named_reservations().where(Reservation.id.in_(reservation_ids)))
    found = {row.Reservation.id: named(row) for row in rows}
    return [found[key] for key in reservation_ids if key in found]


def units_named(session: Session, reservation_ids: list[int]) -> dict[int, list[UnitName]]:
    """Return the units of each reservation, held now or last held, by id. Two queries."""
    held = unit_ids_of(session, reservation_ids)
    names = unit_names(session, {unit_id for ids in held.values() for unit_id in ids})
    return {key: [names[i] for i in sorted(ids) if i in names] for key, ids in held.items()}


def unit_names(session: Session, unit_ids: set[int]) -> dict[int, UnitName]:
    """Return these units by id. One query."""
    return {unit.unit_id: unit for unit in _names(session, Unit.id.in_(unit_ids))}


def pool_labels(
    session: Session, pool_ids: Sequence[int]
) -> dict[int, tuple[str, tuple[str, str]]]:
    """Return the model and institution (zh, en) of these pools, to tell alike ones apart.

    One query; none for no pool.
    """
    if not pool_ids:
        return {}
    rows = session.execute(
        select(Pool.id, Pool.model, Institution.name_zh, Institution.name_en)
        .join(Institution, Institution.id == Pool.institution_id)
        .where(Pool.id.in_(pool_ids))
    )
    return {pool_id: (model, (zh, en)) for pool_id, model, zh, en in rows}


def place_of(session: Session, pool_id: int) -> PoolPlace:
    """Return the names around a pool that exists. One query."""
    site_zh, site_en, lab_zh, lab_en, owner_zh, owner_en, model = session.execute(
        select(
            Site.name_zh, Site.name_en, Lab.name_zh, Lab.name_en,
            Institution.name_zh, Institution.name_en, Pool.model,
        )
        .select_from(Pool)
        .join(Site, Site.id == Pool.site_id)
        .join(Lab, Lab.id == Pool.lab_id)
        .join(Institution, Institution.id == Pool.institution_id)
        .where(Pool.id == pool_id)
    ).one()  # fmt: skip
    return PoolPlace((site_zh, site_en), (lab_zh, lab_en), (owner_zh, owner_en), model)


def pool_unit_names(session: Session, pool_id: int) -> list[UnitName]:
    """Return every unit of a pool that is not retired, by id. One query."""
    return _names(session, (Unit.pool_id == pool_id) & (Unit.state != "retired"))


def _names(session: Session, which: Any) -> list[UnitName]:
    rows = session.execute(
        select(Unit.id, Unit.name, Unit.asset_no, Unit.serial, Unit.place, Unit.state)
        .where(which)
        .order_by(Unit.id)
    )
    return [
        UnitName(r.id, r.name or "", r.asset_no or "", r.serial or "", r.place or "", r.state)
        for r in rows
    ]
