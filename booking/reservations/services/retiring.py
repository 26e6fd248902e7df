"""Retiring what may be booked, or books; refused while live reservations depend on it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import require
from booking.audit.services import change, record
from booking.companies.models import Company, Institution, Lab, Membership, Site
from booking.companies.services.people import end_access, lock_person
from booking.companies.services.register import live
from booking.core.actor import Actor
from booking.core.errors import WrongState
from booking.infra.db import lock_pools
from booking.inventory.models import Contribution, Unit
from booking.inventory.queries.editing import visible_pool_to_edit, visible_unit_to_edit
from booking.inventory.queries.sharing import contribution_at, visible_contribution
from booking.inventory.rules.terms import after_last, require_day
from booking.inventory.services.buffers import inherit_buffers
from booking.inventory.services.register import refuse_labs
from booking.inventory.services.search import refresh_search
from booking.reservations.models import Reservation
from booking.reservations.queries.live import holds_unit, live_reservations, of_strangers
from booking.reservations.rules.dealing import NOTHING_DECIDED, Dealing
from booking.reservations.services.dealing import Gone, deal, refuse_if_any
from booking.reservations.services.ending_wishes import end_wishes
from booking.reservations.services.taking_back import take_back


def retire_unit(
    session: Session,
    actor: Actor,
    unit_id: int,
    now: datetime,
    dealing: Dealing = NOTHING_DECIDED,
) -> int:
    """Return the pool of the unit, now retired: never offered nor held again.

    Its reservations are dealt with as decided. Raises NotFound, Invalid, WrongState `retired` and
    what `deal` raises, with their list while any is undecided.
    """
    pool_id = visible_unit_to_edit(session, actor, unit_id)[1].id
    deal(session, actor, [unit_gone(pool_id, unit_id, now)], dealing, now)
    unit, _pool = visible_unit_to_edit(session, actor, unit_id)
    if unit.retired_at is not None:
        raise WrongState("retired")
    change(session, actor, unit, {"state": "retired", "retired_at": now}, now, action="retire")
    take_back(session, [unit_id], now)
    refresh_search(session, [pool_id])
    return pool_id


def restore_unit(session: Session, actor: Actor, unit_id: int, now: datetime) -> int:
    """Return the pool of a unit brought back, in service. Raises NotFound, WrongState."""
    unit, pool = visible_unit_to_edit(session, actor, unit_id)
    if pool.retired_at is not None:
        raise WrongState("retired")
    back = {"state": "in_service", "retired_at": None}
    change(session, actor, unit, back, now, action="restore")
    refresh_search(session, [pool.id])
    return pool.id


def retire_pool(
    session: Session,
    actor: Actor,
    pool_id: int,
    now: datetime,
    dealing: Dealing = NOTHING_DECIDED,
) -> int:
    """Return `pool_id`, retired with its units; its contribution ends.

    Its reservations are dealt with as decided. Raises NotFound, Invalid, WrongState `retired` and
    what `deal` raises, with their list while any is undecided.
    """
    visible_pool_to_edit(session, actor, pool_id)
    deal(session, actor, [pool_gone(pool_id)], dealing, now)
    pool = visible_pool_to_edit(session, actor, pool_id)
    if pool.retired_at is not None:
        raise WrongState("retired")
    for unit in session.scalars(
        select(Unit).where(Unit.pool_id == pool_id, Unit.retired_at.is_(None)).order_by(Unit.id)
    ):
        change(session, actor, unit, {"state": "retired", "retired_at": now}, now, action="retire")
    for contribution in session.scalars(
        select(Contribution).where(Contribution.pool_id == pool_id, Contribution.ended_at.is_(None))
    ):
        change(session, actor, contribution, {"ended_at": now}, now, action="end")
    change(session, actor, pool, {"retired_at": now}, now, action="retire")
    return pool_id


def restore_pool(session: Session, actor: Actor, pool_id: int, now: datetime) -> int:
    """Return `pool_id`, brought back with the units that were retired together with it, in service.

    Its contribution stays ended: sharing is agreed anew. Raises NotFound, WrongState `retired` when
    its lab or site is.
    """
    visible_pool_to_edit(session, actor, pool_id)
    lock_pools(session, [pool_id])
    pool = visible_pool_to_edit(session, actor, pool_id)
    if pool.retired_at is None:
        return pool_id
    live(session, Lab, pool.lab_id)
    live(session, Site, pool.site_id)
    back = {"state": "in_service", "retired_at": None}
    for unit in session.scalars(
        select(Unit)
        .where(Unit.pool_id == pool_id, Unit.retired_at == pool.retired_at)
        .order_by(Unit.id)
    ):
        change(session, actor, unit, back, now, action="restore")
    change(session, actor, pool, {"retired_at": None}, now, action="restore")
    inherit_buffers(session, [pool_id])
    refresh_search(session, [pool_id])
    return pool_id


def end_contribution(
    session: Session,
    actor: Actor,
    contribution_id: int,
    last: date | None,
    now: datetime,
    dealing: Dealing = NOTHING_DECIDED,
) -> int:
    """Return the pool that is shared until the end of `last` (a day of its site), or no longer.

    What people of others hold later than that is dealt with as decided. Raises NotFound unless
    its institution's representative or operator, Invalid (also for a day of no year of ours), and
    what `deal` raises, with the list while any is undecided.
    """
    visible_contribution(session, actor, contribution_id)
    require_day("last_day", last)
    gone, ends = sharing_gone(session, contribution_id, last, now)
    deal(session, actor, [gone], dealing, now)
    contribution, pool, _institution, _site = contribution_at(session, contribution_id)
    if ends <= now:
        change(session, actor, contribution, {"ended_at": now}, now, action="end")
    else:
        change(session, actor, contribution, {"until_at": ends}, now, action="end")
    return pool.id


def retire_institution(session: Session, actor: Actor, institution_id: int, now: datetime) -> int:
    """Return `institution_id`, retired; its people's places end.

    Raises NotFound, WrongState `has_labs`, `has_live_reservations` (booked in its name).
    """
    require(actor, "park.edit")
    row = live(session, Institution, institution_id, unused=True)
    refuse_labs(session, institution_id)
    _refuse_live(session, Reservation.institution_id == institution_id, now)
    _end_places(session, actor, Membership.institution_id == institution_id, row, now)
    return institution_id


def retire_company(session: Session, actor: Actor, company_id: int, now: datetime) -> int:
    """Return `company_id`, retired; its people's places end.

    Raises NotFound, WrongState `has_live_reservations`.
    """
    require(actor, "park.edit")
    row = live(session, Company, company_id, unused=True)
    _refuse_live(session, Reservation.company_id == company_id, now)
    _end_places(session, actor, Membership.company_id == company_id, row, now)
    return company_id


def retire_person(session: Session, actor: Actor, user_id: int, now: datetime) -> int:
    """Return `user_id`; nothing of the person's works any more, and nobody waits for them.

    Raises NotFound, WrongState `has_live_reservations`, `yourself`, `retired`.
    """
    require(actor, "park.edit")
    lock_person(session, user_id)
    _refuse_live(session, Reservation.user_id == user_id, now)
    end_wishes(session, actor, now, user_id=user_id)
    end_access(session, actor, user_id, now)
    return user_id


def _end_places(
    session: Session,
    actor: Actor,
    of: ColumnElement[bool],
    row: Company | Institution,
    now: datetime,
) -> None:
    ended = session.scalars(
        update(Membership)
        .where(of, or_(Membership.until_at.is_(None), Membership.until_at > now))
        .values(until_at=now)
        .returning(Membership.user_id)
    ).all()
    change(session, actor, row, {"retired_at": now}, now, action="retire")
    if ended:
        subject = (row.__tablename__, row.id)
        after = {"user_ids": sorted(ended)}
        record(session, actor, "membership.end_all", subject, now, after=after)


def unit_gone(pool_id: int, unit_id: int, now: datetime) -> Gone:
    """Return whom it hits when a unit is retired or leaves its pool."""
    return Gone(pool_id, holds_unit(unit_id, now), (unit_id,))


def pool_gone(pool_id: int) -> Gone:
    """Return whom it hits when a pool is retired."""
    return Gone(pool_id, Reservation.pool_id == pool_id)


def sharing_gone(
    session: Session, contribution_id: int, last: date | None, now: datetime
) -> tuple[Gone, datetime]:
    """Return whom it hits when an agreement ends after the day `last`, None: now; and when."""
    _contribution, pool, institution, site = contribution_at(session, contribution_id)
    ends = after_last(last, ZoneInfo(site.time_zone)) if last is not None else now
    later = of_strangers(pool.id, institution.id) & (Reservation.end_at > max(ends, now))
    return Gone(pool.id, later), ends


def _refuse_live(session: Session, where: ColumnElement[bool], now: datetime) -> None:
    hit = live_reservations(session, where, now)
    refuse_if_any(hit, hit)
