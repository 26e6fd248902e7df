"""What holds units within a time, and whose it is: for a lab's day and for the timeline."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from booking.accounts.models import User
from booking.accounts.rules.permissions import Subject
from booking.companies.models import Company, Institution
from booking.core.period import Period
from booking.reservations.models import Allocation, Closure, Reservation
from booking.reservations.queries.availability import ACTIVE


def named_blocks(unit_ids: Sequence[int], period: Period) -> Select[*tuple[Any, ...]]:
    """Return the query for the active blocks of these units that meet `period`, by unit and start.

    Reservation's columns are NULL for closures (`reason` is their kind) and holds. Unscoped: the
    caller tells each reader only what `subject_of_block` lets them know.
    """
    return (
        select(
            Allocation.unit_id, Allocation.kind, Allocation.block_start, Allocation.block_end,
            Reservation.id, Reservation.start_at, Reservation.end_at, Reservation.status,
            Reservation.version, Reservation.user_id, Reservation.company_id,
            Reservation.institution_id, Closure.kind.label("reason"),
            func.coalesce(User.name, Reservation.person_text, "").label("person"),
            func.coalesce(Company.name_zh, Institution.name_zh, "").label("party_zh"),
            func.coalesce(Company.name_en, Institution.name_en, "").label("party_en"),
        )
        .outerjoin(Reservation, Reservation.id == Allocation.reservation_id)
        .outerjoin(Closure, Closure.id == Allocation.closure_id)
        .outerjoin(User, User.id == Reservation.user_id)
        .outerjoin(Company, Company.id == Reservation.company_id)
        .outerjoin(Institution, Institution.id == Reservation.institution_id)
        .where(Allocation.unit_id.in_(unit_ids), ACTIVE)
        .where(Allocation.block_start < period.end, Allocation.block_end > period.start)
        .order_by(Allocation.unit_id, Allocation.block_start)
    )  # fmt: skip


def subject_of_block(row: Any, pool: Subject) -> Subject:
    """Return what permission needs to know of a reservation's block, `pool` being its group's."""
    return Subject(
        row.user_id, row.company_id, row.institution_id, pool.lab_id, pool.institution_id,
        pool.staff_may_approve,
    )  # fmt: skip
