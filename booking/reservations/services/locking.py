"""The locks of a booking in the order of DESIGN §2: what quotas are counted for, then pools."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.companies.queries.memberships import parties_of
from booking.core.actor import Actor
from booking.infra.db import is_postgresql, lock_pools, run
from booking.policies.queries.book import book_of
from booking.policies.rules.quotas import Quota
from booking.reservations.queries.facts import pool_facts, pool_of_unit
from booking.reservations.rules.proposal import BookingRequest, require_form

# The pool's lock is taken only where no quota is set in the whole park: one statement, as before.
_LOCK_POOL_OR_QUOTAS = text(
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM quota WHERE retired_at IS NULL) THEN 1"
    " ELSE (SELECT 0 FROM (SELECT pg_advisory_xact_lock(1, :id)) AS locked) END"
)
_LOCK_COMPANY = text("SELECT pg_advisory_xact_lock(2, :id)")
_LOCK_PERSON = text("SELECT pg_advisory_xact_lock(3, :id)")


def lock_booking(
    session: Session, pool_ids: Sequence[int], person_id: int | None, company_id: int | None
) -> None:
    """Queue behind other bookings of these pools, and of the person or company a quota counts.

    On SQLite the write lock is enough. A quota set this very moment binds from the next booking.
    """
    if not is_postgresql(session):
        return
    if len(pool_ids) == 1 and not run(session, _LOCK_POOL_OR_QUOTAS, {"id": pool_ids[0]}).scalar():
        return
    subjects = {quota.subject for quota in _quotas(session, pool_ids)}
    if "company" in subjects and company_id is not None:
        run(session, _LOCK_COMPANY, {"id": company_id})
    if "person" in subjects and person_id is not None:
        run(session, _LOCK_PERSON, {"id": person_id})
    lock_pools(session, list(pool_ids))


def pool_id_of(session: Session, request: BookingRequest) -> int:
    """Return the pool a request of sound form is about. Raises Invalid, NotFound."""
    require_form(request)
    if request.unit_id is not None:
        return pool_of_unit(session, request.unit_id)[0]
    return request.pool_id or 0


def subject_of(
    session: Session, actor: Actor, request: BookingRequest, now: datetime
) -> tuple[int, int | None]:
    """Return the person and company whose quotas may be asked; a company left out is the only."""
    person_id, company_id = request.on_behalf_of or actor.user_id, request.company_id
    if company_id is None and request.institution_id is None:
        own = person_id == actor.user_id
        parties = actor.parties if own else parties_of(session, person_id, now)
        company_id = parties[0].company_id if len(parties) == 1 else None
    return person_id, company_id


def _quotas(session: Session, pool_ids: Sequence[int]) -> list[Quota]:
    return [
        quota
        for pool in pool_facts(session, list(pool_ids)).values()
        for quota in book_of(session, pool.edition).quotas(pool.place)
    ]
