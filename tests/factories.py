"""Rows for tests: `create_x(session, **overrides)` commits one row and returns it.

Overrides are column names; parents left out are created. Nobody has a password unless given one.
"""

import contextlib
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from booking.accounts.models import User
from booking.companies.models import Company, Institution, Lab, LabMember, Membership, Site
from booking.companies.queries.duties import duties_of
from booking.core.actor import NO_DUTIES, Actor, Party
from booking.core.period import Period
from booking.inventory.models import Category, Contribution, Platform, Pool, Unit
from booking.reservations.models import LIVE, Allocation, Draw, DrawEntry, Reservation

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
Row = TypeVar("Row")
_numbers = itertools.count(1)


def keep(session: Session, row: Row) -> Row:
    """Return the row, committed: services roll back what was read, requests see other sessions."""
    session.add(row)
    if session.info.get("together"):
        session.flush()
    else:
        session.commit()
    return row


@contextlib.contextmanager
def together(session: Session) -> Iterator[None]:
    """Commit the rows created inside once, at the end: quicker by half where there are many."""
    session.info["together"] = True
    try:
        yield
    finally:
        del session.info["together"]
    session.commit()


def create_site(session: Session, **overrides: Any) -> Site:
    """Return a site in Asia/Shanghai."""
    return keep(session, Site(**{"name_zh": f"园区{next(_numbers)}", **overrides}))


def create_institution(session: Session, **overrides: Any) -> Institution:
    """Return an institution."""
    return keep(session, Institution(**{"name_zh": f"单位{next(_numbers)}", **overrides}))


def create_company(session: Session, **overrides: Any) -> Company:
    """Return a resident company."""
    return keep(session, Company(**{"name_zh": f"企业{next(_numbers)}", **overrides}))


def create_user(session: Session, **overrides: Any) -> User:
    """Return a person who belongs nowhere yet."""
    number = next(_numbers)
    person = {"email": f"person{number}@test.example", "name": f"Person {number}"}
    return keep(session, User(**{**person, "created_at": CREATED, **overrides}))


def create_membership(
    session: Session, user: User, party: Company | Institution, roles: str = "member", **more: Any
) -> Membership:
    """Return the person's membership of a company or institution; `roles` as stored."""
    column = "company_id" if isinstance(party, Company) else "institution_id"
    row = {"user_id": user.id, column: party.id, "roles": roles, **more}
    return keep(session, Membership(**row))


def create_lab(session: Session, **overrides: Any) -> Lab:
    """Return a lab, of an institution of its own unless `institution_id` is given."""
    if "institution_id" not in overrides:
        overrides["institution_id"] = create_institution(session).id
    return keep(session, Lab(**{"name_zh": f"实验室{next(_numbers)}", **overrides}))


def create_lab_member(session: Session, lab: Lab, user: User, role: str = "manager") -> LabMember:
    """Return the person's place in the lab: manager, deputy or staff."""
    return keep(session, LabMember(lab_id=lab.id, user_id=user.id, role=role))


def create_platform(session: Session, **overrides: Any) -> Platform:
    """Return a platform."""
    return keep(session, Platform(**{"name_zh": f"平台{next(_numbers)}", **overrides}))


def create_category(session: Session, **overrides: Any) -> Category:
    """Return a top-level category; codes from 990001 on meet no real one."""
    number = next(_numbers)
    row = {"code": f"{990000 + number}", "level": 1, "name_zh": f"分类{number}", **overrides}
    return keep(session, Category(**row))


def create_pool(session: Session, units: int = 1, **overrides: Any) -> Pool:
    """Return a pool with `units` units, unshared; its rules are the park's defaults."""
    if "lab_id" not in overrides:
        chosen = {k: v for k, v in overrides.items() if k == "institution_id"}
        overrides["lab_id"] = create_lab(session, **chosen).id
    if "institution_id" not in overrides:
        overrides["institution_id"] = session.get_one(Lab, overrides["lab_id"]).institution_id
    if "site_id" not in overrides:
        overrides["site_id"] = create_site(session).id
    named = {"name_zh": f"仪器{next(_numbers)}", "created_at": CREATED}
    pool = keep(session, Pool(**{**named, **overrides}))
    for _ in range(units):
        create_unit(session, pool)
    return pool


def create_unit(session: Session, pool: Pool, **overrides: Any) -> Unit:
    """Return one more unit of the pool, in service."""
    row = {
        "pool_id": pool.id,
        "institution_id": pool.institution_id,
        "asset_no": f"A{next(_numbers):05d}",
        "created_at": CREATED,
    }
    return keep(session, Unit(**{**row, **overrides}))


def units_of(session: Session, pool: Pool) -> list[Unit]:
    """Return the pool's units by id."""
    return list(session.scalars(select(Unit).where(Unit.pool_id == pool.id).order_by(Unit.id)))


def create_contribution(session: Session, pool: Pool, **overrides: Any) -> Contribution:
    """Return an agreement that shares the pool at all hours, open-ended."""
    return keep(session, Contribution(**{"pool_id": pool.id, "from_at": CREATED, **overrides}))


def create_reservation(
    session: Session, pool: Pool, period: Period, units: list[Unit] | None = None, **overrides: Any
) -> Reservation:
    """Return a reservation written directly, its units (default: the first) allocated.

    Rules are not asked and buffers not added; the database's guard still is. Live statuses hold
    their units. Without a party it counts as imported, as the table demands.
    """
    units = units if units is not None else units_of(session, pool)[:1]
    row: dict[str, Any] = {
        "reference": f"T{next(_numbers):07d}",
        "pool_id": pool.id,
        "quantity": len(units),
        "start_at": period.start,
        "end_at": period.end,
        "status": "approved",
        "purpose": "research",
        "created_at": CREATED,
        **overrides,
    }
    if not row.get("company_id") and not row.get("institution_id"):
        row.setdefault("source", "import:test")
    reservation = keep(session, Reservation(**row))
    for unit in units:
        session.add(
            Allocation(
                reservation_id=reservation.id,
                unit_id=unit.id,
                kind="reservation",
                block_start=period.start,
                block_end=period.end,
                active=int(reservation.status in LIVE),
                pinned=reservation.named_unit,
            )
        )
    keep(session, reservation)
    return reservation


def actor(user: User, scopes: frozenset[str] | None = None, now: datetime | None = None) -> Actor:
    """Return who the person is to services: all memberships and labs in the database."""
    session = object_session(user)
    assert session is not None
    duties = NO_DUTIES
    if user.has_duties:
        duties = duties_of(session, user.id, now or datetime.now(UTC))
    memberships = session.scalars(
        select(Membership).where(Membership.user_id == user.id).order_by(Membership.id)
    )
    labs = session.scalars(select(LabMember).where(LabMember.user_id == user.id))
    return Actor(
        user_id=user.id,
        name=user.name,
        park_role=user.park_role,
        parties=tuple(
            Party(m.company_id, m.institution_id, frozenset(m.roles.split())) for m in memberships
        ),
        labs={lab.lab_id: lab.role for lab in labs},
        scopes=scopes,
        duties=duties,
    )


def create_draw_entry(session: Session, pool: Pool, user: User, day: Period) -> DrawEntry:
    """Return a request for the first hour of a day of the pool, still collected."""
    draw = Draw(
        pool_id=pool.id, day_start=day.start, day_end=day.end, draws_at=day.start, state="open",
        seed="seed", seal="seal", created_at=CREATED,
    )  # fmt: skip
    return keep(
        session,
        DrawEntry(
            draw_id=keep(session, draw).id, user_id=user.id, made_by_id=user.id, quantity=1,
            start_at=day.start, end_at=day.start + timedelta(hours=1), purpose="other",
            created_at=CREATED,
        ),
    )  # fmt: skip
