"""What a decision about one pool needs, gathered in two queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, may
from booking.companies.models import Lab, Site
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.hours import WeeklyHours
from booking.infra.db import run
from booking.inventory.models import BOOKABLE_STATES, Contribution, Pool, Unit
from booking.inventory.rules.sharing import Sharing, is_insider, sees_pool
from booking.policies.queries.book import EDITION, book_of
from booking.policies.queries.own import own_values
from booking.policies.rules.tree import Place
from booking.policies.rules.values import PoolRules
from booking.reservations.rules.slots import UnitFacts

# States in which a unit can be booked, as a literal: a list of values is spelt out at each run.
BOOKABLE: ColumnElement[bool] = literal_column(
    f"unit.state IN ({', '.join(repr(state) for state in BOOKABLE_STATES)})"
)
# Buffers of a unit: its own, else its pool's, else what its lab, class, site or park says.
WARMUP: ColumnElement[int] = func.coalesce(
    Unit.warmup_minutes, Pool.warmup_minutes, Pool.inherited_warmup_minutes
)
CLEANUP: ColumnElement[int] = func.coalesce(
    Unit.cleanup_minutes, Pool.cleanup_minutes, Pool.inherited_cleanup_minutes
)


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """One pool: whose it is, its rules with their origins, its zone and its sharing."""

    pool_id: int
    name_zh: str
    name_en: str
    institution_id: int
    lab_id: int
    site_id: int
    zone: ZoneInfo
    place: Place
    rules: PoolRules  # for everyone; a person's own: queries.asking
    edition: int | None
    approval: str
    staff_may_approve: bool
    sharing: Sharing | None
    retired: bool

    def insider(self, actor: Actor) -> bool:
        """Return whether the pool is the actor's own."""
        return is_insider(actor, self.institution_id, self.lab_id)

    def subject(self) -> Subject:
        """Return the pool as the permission table wants it."""
        return Subject(
            lab_id=self.lab_id,
            institution_id=self.institution_id,
            staff_may_approve=self.staff_may_approve,
        )

    def needs_decision(self, actor: Actor | None) -> bool:
        """Return whether somebody else has to agree to what the actor, or anybody, books."""
        if self.approval == "auto":
            return False
        return actor is None or not may(actor, "reservation.decide", self.subject())


# The columns `facts_of` reads, for callers that list many pools in one query.
FACT_COLUMNS = (
    Pool.id, Pool.name_zh, Pool.name_en, Pool.institution_id, Pool.lab_id, Pool.site_id,
    Pool.approval, Pool.retired_at, Pool.opening_hours, Pool.granularity_minutes,
    Pool.min_minutes, Pool.max_minutes, Pool.horizon_days, Pool.warmup_minutes,
    Pool.cleanup_minutes, Pool.max_units, Pool.decide_within_hours, Pool.category_code,
    EDITION.label("edition"), Site.time_zone,
    Lab.staff_may_approve, Contribution.id.label("contribution_id"), Contribution.from_at,
    Contribution.until_at, Contribution.shared_hours, Contribution.paused_from,
    Contribution.paused_until,
)  # fmt: skip
_FROM = (
    select(*FACT_COLUMNS)
    .join(Site, Site.id == Pool.site_id)
    .join(Lab, Lab.id == Pool.lab_id)
    .outerjoin(Contribution, (Contribution.pool_id == Pool.id) & Contribution.ended_at.is_(None))
)


# Built once: they are part of every booking.
# For one id apart: a list is laid out anew at each execution.
_FACTS_BY_ID = _FROM.where(Pool.id == bindparam("id"))
_FACTS_BY_IDS = _FROM.where(Pool.id.in_(bindparam("ids", expanding=True))).order_by(Pool.id)
_UNITS = (
    select(Unit.id, Unit.pool_id, Unit.state, WARMUP.label("warmup"), CLEANUP.label("cleanup"))
    .join(Pool, Pool.id == Unit.pool_id)
    .where(BOOKABLE)
    .order_by(Unit.id)
)
_UNITS_OF_POOL = _UNITS.where(Unit.pool_id == bindparam("id"))
_UNITS_OF_POOLS = _UNITS.where(Unit.pool_id.in_(bindparam("ids", expanding=True)))
_POOL_OF_UNIT = select(Unit.pool_id, Unit.state).where(Unit.id == bindparam("id"))


def select_facts() -> Select[*tuple[Any, ...]]:
    """Return a query for FACT_COLUMNS of all pools, to be narrowed and ordered."""
    return _FROM


def pool_facts(session: Session, pool_ids: list[int]) -> dict[int, PoolFacts]:
    """Return the facts of these pools, by id; missing ones are left out. One query."""
    rows = run(session, _FACTS_BY_IDS, {"ids": pool_ids})
    return {row.id: facts_of(session, row) for row in rows}


def visible_pool(session: Session, actor: Actor, pool_id: int, now: datetime) -> PoolFacts:
    """Return the facts of one pool. Raises NotFound when missing or not the actor's to see."""
    row = run(session, _FACTS_BY_ID, {"id": pool_id}).one_or_none()
    return seen_pool(session, actor, row, now)


def seen_pool(session: Session, actor: Actor, row: Any, now: datetime) -> PoolFacts:
    """Return the facts of a row of FACT_COLUMNS, None for none. Raises what `visible_pool` does."""
    if row is None or row.retired_at is not None:
        raise NotFound("pool")
    facts = facts_of(session, row)
    if not sees_pool(actor, facts.institution_id, facts.lab_id, facts.sharing, now):
        raise NotFound("pool")
    return facts


def units_of(session: Session, pool_id: int) -> list[UnitFacts]:
    """Return the pool's bookable units with their effective buffers, by id. One query."""
    rows = run(session, _UNITS_OF_POOL, {"id": pool_id})
    return [UnitFacts(unit_id, *more) for unit_id, _pool_id, *more in rows]


def units_of_pools(session: Session, pool_ids: list[int]) -> dict[int, list[UnitFacts]]:
    """Return the bookable units of each pool that has any, by id. One query."""
    units: dict[int, list[UnitFacts]] = {}
    for unit_id, pool_id, *more in run(session, _UNITS_OF_POOLS, {"ids": pool_ids}):
        units.setdefault(pool_id, []).append(UnitFacts(unit_id, *more))
    return units


def pool_of_unit(session: Session, unit_id: int) -> tuple[int, str]:
    """Return (pool id, state) of a unit. Raises NotFound when there is none."""
    row = run(session, _POOL_OF_UNIT, {"id": unit_id}).one_or_none()
    if row is None:
        raise NotFound("unit")
    return row.pool_id, row.state


def units_in(session: Session, pool_id: int, unit_ids: Sequence[int]) -> set[int]:
    """Return which of these are units of the pool, in whatever state. One query, none for none."""
    if not unit_ids:
        return set()
    query = select(Unit.id).where(Unit.pool_id == pool_id, Unit.id.in_(unit_ids))
    return set(session.scalars(query))


def facts_of(session: Session, row: object) -> PoolFacts:
    """Return the facts of one row of FACT_COLUMNS."""
    r: Any = row
    sharing = None
    if r.contribution_id is not None:
        hours = WeeklyHours.parse(r.shared_hours) if r.shared_hours is not None else None
        sharing = Sharing(r.from_at, r.until_at, hours, r.paused_from, r.paused_until)
    book = book_of(session, r.edition)
    place = book.place(r.id, r.lab_id, r.site_id, r.category_code)
    return PoolFacts(
        r.id, r.name_zh, r.name_en, r.institution_id, r.lab_id, r.site_id,
        ZoneInfo(r.time_zone), place, book.rules(place, own_values(r)), r.edition, r.approval,
        bool(r.staff_may_approve), sharing, r.retired_at is not None,
    )  # fmt: skip
