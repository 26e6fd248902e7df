"""Groups an actor may see, their reservations, and the locked rows a change starts from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject
from booking.companies.models import Lab
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.inventory.models import Pool
from booking.reservations.models import LIVE, Reservation, ReservationGroup
from booking.reservations.queries.reservations import Found, seen_by
from booking.reservations.rules.groups import Series
from booking.reservations.rules.rrule import parse_rule


@dataclass(frozen=True, slots=True)
class Group:
    """A group and those of its reservations that the actor may see, in order.

    `version` grows with every change of the group or of any of its reservations.
    """

    row: ReservationGroup
    version: int
    members: tuple[Found, ...]

    def coming(self, now: datetime) -> list[Found]:
        """Return the live reservations that have not begun, in order."""
        return [m for m in self.members if m.row.status in LIVE and m.row.start_at > now]

    def member(self, reservation_id: int | None) -> Found:
        """Return one of them. Raises NotFound."""
        for found in self.members:
            if found.row.id == reservation_id:
                return found
        raise NotFound("reservation")


def visible_group(session: Session, actor: Actor, group_id: int) -> Group:
    """Return a group of which the actor may see a reservation. Raises NotFound. Three queries."""
    return _group(session, actor, group_id)


def locked_group(session: Session, actor: Actor, group_id: int) -> Group:
    """Return the same with all its reservations locked by id, then its own row, all fresh."""
    members = select(Reservation.id).where(Reservation.group_id == group_id)
    session.execute(members.order_by(Reservation.id).with_for_update())
    session.execute(
        select(ReservationGroup.id).where(ReservationGroup.id == group_id).with_for_update()
    )
    session.expire_all()
    return _group(session, actor, group_id)


def parts_beside(session: Session, row: Reservation) -> list[Reservation]:
    """Return the other live parts of a reservation's bundle that start with it, by id. One query.

    None where it is not part of a bundle. Whoever may see one is told what the others are for.
    """
    if row.group_id is None:
        return []
    query = (
        select(Reservation)
        .join(ReservationGroup, ReservationGroup.id == Reservation.group_id)
        .where(Reservation.group_id == row.group_id, ReservationGroup.kind == "bundle")
        .where(Reservation.id != row.id, Reservation.start_at == row.start_at)
        .where(Reservation.status.in_(LIVE))
        .order_by(Reservation.id)
    )
    return list(session.scalars(query))


def series_of(row: ReservationGroup) -> Series:
    """Return the series a group keeps."""
    exceptions = [date.fromisoformat(day) for day in row.exceptions.split()]
    first = datetime.fromisoformat(row.starts_local)
    return Series(parse_rule(row.rule, exceptions), first, ZoneInfo(row.zone))


def has_live(session: Session, group_id: int) -> bool:
    """Return whether a reservation of the group is pending, approved or in use."""
    live = exists().where(Reservation.group_id == group_id, Reservation.status.in_(LIVE))
    return bool(session.scalar(select(live)))


def group_version(session: Session, group_id: int) -> int:
    """Return the version shown of a group: its own and its reservations', so any change counts."""
    members = (
        select(func.sum(Reservation.version))
        .where(Reservation.group_id == group_id)
        .scalar_subquery()
    )
    query = select(ReservationGroup.version + func.coalesce(members, 0))
    return int(session.scalars(query.where(ReservationGroup.id == group_id)).one())


def group_counts(session: Session, group_ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Return how many live reservations of each group have not ended. One query."""
    rows = session.execute(
        select(Reservation.group_id, func.count())
        .where(Reservation.group_id.in_(group_ids), Reservation.status.in_(LIVE))
        .where(Reservation.end_at > now)
        .group_by(Reservation.group_id)
    )
    return {group_id: count for group_id, count in rows if group_id is not None}


def _group(session: Session, actor: Actor, group_id: int) -> Group:
    row = session.get(ReservationGroup, group_id)
    if row is None:
        raise NotFound("group")
    found = session.execute(
        select(Reservation, Pool.lab_id, Pool.institution_id, Lab.staff_may_approve)
        .join(Pool, Pool.id == Reservation.pool_id)
        .join(Lab, Lab.id == Pool.lab_id)
        .where(Reservation.group_id == group_id, seen_by(actor))
        .order_by(Reservation.group_position, Reservation.start_at, Reservation.id)
    ).all()
    if not found:
        raise NotFound("group")
    members = tuple(
        Found(
            r,
            Subject(r.user_id, r.company_id, r.institution_id, lab_id, institution_id, bool(staff)),
        )
        for r, lab_id, institution_id, staff in found
    )
    return Group(row, group_version(session, group_id), members)
