"""Reads for messages: what one says, and to whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from booking.accounts.models import User
from booking.companies.models import Absence, Building, Company, Institution, Lab, Room, Site
from booking.core.period import Period
from booking.infra.claims import Claimed
from booking.infra.outbox import CLAIMED, Outbox
from booking.inventory.models import Pool, Unit
from booking.reservations.models import (
    Allocation,
    Draw,
    DrawEntry,
    Reservation,
    ReservationGroup,
    WaitlistEntry,
)
from booking.reservations.queries.groups import series_of
from booking.reservations.queries.purposes import is_hidden
from booking.reservations.rules.groups import Series


@dataclass(frozen=True, slots=True)
class Named:
    """A thing's name in both languages; either may be empty."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a message. `locale` is the person's own choice, None if there is none."""

    name: str
    email: str
    locale: str | None
    user_id: int = 0  # 0: nobody with an account yet


@dataclass(frozen=True, slots=True)
class Place:
    """A unit and where it stands."""

    unit: str
    building: Named
    room: str


@dataclass(frozen=True, slots=True)
class Booked:
    """All a message may say about a reservation, as it is now."""

    id: int
    reference: str
    version: int
    status: str
    period: Period
    quantity: int
    named_unit: bool
    purpose: str  # empty: owners, who alone are told, are not
    note: str
    decide_by: datetime | None
    person: str
    party: Named
    pool: Named
    lab: Named
    site: Named
    time_zone: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class BookedGroup:
    """A group, and those of its reservations a message tells of, as they are now.

    `series` is None for bundles and chains.
    """

    id: int
    kind: str
    title: str
    series: Series | None
    parts: tuple[Booked, ...]


@dataclass(frozen=True, slots=True)
class Awaited:
    """An entry of a waiting list or of a draw, as it is now."""

    state: str
    pool_id: int
    window: Period
    quantity: int
    pool: Named
    lab: Named
    site: Named
    time_zone: str


@dataclass(frozen=True, slots=True)
class StoodIn:
    """An absence as the one who decides meanwhile is told of it."""

    name: str
    since: datetime
    until: datetime
    note: str
    ended: bool


def recipient_of(session: Session, claimed: Claimed) -> Recipient | None:
    """Return who gets the message if the claim still holds and the person is still here.

    None: somebody voided the row, another process has it, or nobody is there to read it.
    """
    row = session.execute(
        select(User.name, User.email, User.locale, User.id)
        .join(Outbox, Outbox.recipient_id == User.id)
        .where(Outbox.id == claimed.id, Outbox.claim_token == claimed.token)
        .where(Outbox.state == CLAIMED, User.retired_at.is_(None))
    ).one_or_none()
    return Recipient(*row) if row else None


def booked(session: Session, reservation_id: int) -> Booked | None:
    """Return the reservation as a message tells it, None if there is none. Two queries."""
    row = session.execute(_booked_query().where(Reservation.id == reservation_id)).one_or_none()
    return None if row is None else _booked(row, _places(session, reservation_id))


def booked_group(session: Session, group_id: int, reservation_ids: list[int]) -> BookedGroup | None:
    """Return a group and those of its reservations a message tells of, by start. Two queries."""
    row = session.get(ReservationGroup, group_id)
    found = session.execute(
        _booked_query()
        .where(Reservation.id.in_(reservation_ids))
        .order_by(Reservation.start_at, Reservation.id)
    ).all()
    if row is None or not found:
        return None
    series = series_of(row) if row.kind == "series" else None
    return BookedGroup(row.id, row.kind, row.title, series, tuple(_booked(r, ()) for r in found))


def awaited(session: Session, entry_id: int) -> Awaited | None:
    """Return an entry of a waiting list as a message tells it, else None. One query."""
    query = select(WaitlistEntry, Pool, Lab, Site).join(Pool, Pool.id == WaitlistEntry.pool_id)
    found = _row(session, query.where(WaitlistEntry.id == entry_id))
    return _awaited(found, Period(found[0].first_at, found[0].last_at)) if found else None


def asked_in_draw(session: Session, entry_id: int) -> Awaited | None:
    """Return an entry of a draw as a message tells it, else None. One query."""
    query = select(DrawEntry, Pool, Lab, Site).join(Draw, Draw.id == DrawEntry.draw_id)
    query = query.join(Pool, Pool.id == Draw.pool_id).where(DrawEntry.id == entry_id)
    found = _row(session, query)
    return _awaited(found, Period(found[0].start_at, found[0].end_at)) if found else None


def stood_in(session: Session, absence_id: int) -> StoodIn | None:
    """Return an absence with who is away, else None. One query."""
    row = session.execute(
        select(User.name, Absence)
        .join(Absence, Absence.user_id == User.id)
        .where(Absence.id == absence_id)
    ).one_or_none()
    if row is None:
        return None
    name, found = row
    return StoodIn(name, found.from_at, found.until_at, found.note, found.ended_at is not None)


def _row(session: Session, query: Select[*tuple[Any, ...]]) -> Any:
    query = query.join(Lab, Lab.id == Pool.lab_id).join(Site, Site.id == Pool.site_id)
    return session.execute(query).one_or_none()


def _awaited(row: Any, window: Period) -> Awaited:
    entry, pool, lab, site = row
    names = (_named(pool), _named(lab), _named(site))
    return Awaited(entry.state, pool.id, window, entry.quantity, *names, site.time_zone)


def _booked_query() -> Select[*tuple[Any, ...]]:
    own, guest = aliased(Institution), aliased(Company)
    return (
        select(
            Reservation, Pool, Lab, Site, User.name.label("person"), own.name_zh.label("own_zh"),
            own.name_en.label("own_en"), guest.name_zh.label("guest_zh"),
            guest.name_en.label("guest_en"), is_hidden(guest).label("hides_purpose"),
        )
        .join(Pool, Pool.id == Reservation.pool_id)
        .join(Lab, Lab.id == Pool.lab_id)
        .join(Site, Site.id == Pool.site_id)
        .outerjoin(User, User.id == Reservation.user_id)
        .outerjoin(own, own.id == Reservation.institution_id)
        .outerjoin(guest, guest.id == Reservation.company_id)
    )  # fmt: skip


def _booked(row: Any, places: tuple[Place, ...]) -> Booked:
    reservation = row.Reservation
    party = (row.guest_zh or row.own_zh or "", row.guest_en or row.own_en or "")
    return Booked(
        id=reservation.id,
        reference=reservation.reference,
        version=reservation.version,
        status=reservation.status,
        period=Period(reservation.start_at, reservation.end_at),
        quantity=reservation.quantity,
        named_unit=bool(reservation.named_unit),
        purpose="" if row.hides_purpose else reservation.purpose,
        note=reservation.note,
        decide_by=reservation.decide_by,
        person=row.person or reservation.person_text or "",
        party=Named(*party),
        pool=_named(row.Pool),
        lab=_named(row.Lab),
        site=_named(row.Site),
        time_zone=row.Site.time_zone,
        places=places,
    )


def _places(session: Session, reservation_id: int) -> tuple[Place, ...]:
    rows = session.execute(
        select(Unit, Room.name.label("room"), Building)
        .join(Allocation, Allocation.unit_id == Unit.id)
        .outerjoin(Room, Room.id == Unit.room_id)
        .outerjoin(Building, Building.id == Room.building_id)
        .where(Allocation.reservation_id == reservation_id, Allocation.active == 1)
        .order_by(Unit.id)
    )
    return tuple(
        Place(
            unit.name or unit.asset_no or unit.serial,
            _named(building) if building else Named("", ""),
            room or unit.place,
        )
        for unit, room, building in rows
    )


def _named(thing: Pool | Lab | Site | Building | Institution | Company) -> Named:
    return Named(thing.name_zh, thing.name_en)
