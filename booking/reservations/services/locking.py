"""The locks of a booking in the order of DESIGN §2: what quotas are counted for, then pools."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.companies.queries.memberships import parties_of
from booking.core.actor import Actor
from booking.infra.db import is_postgresql, lock_pools, run
from booking.infra.quota_use import IN_SCOPE
from booking.reservations.queries.facts import pool_of_unit
from booking.reservations.rules.proposal import BookingRequest, require_form

# Whether a quota counts for one of the pools; a class is not looked into.
_QUOTA = (
    "EXISTS (SELECT 1 FROM quota AS q JOIN pool AS p ON p.id = {{pools}}"  # noqa: S608 - our own
    " WHERE q.retired_at IS NULL AND q.subject = '{subject}' AND (q.scope_kind = 'category' OR "
    f"{IN_SCOPE}))"
)
_TAKE = "(SELECT 1 FROM (SELECT pg_advisory_xact_lock({key})) AS taken)"
_CAPPED = (
    "EXISTS (SELECT 1 FROM membership AS m"
    " WHERE m.user_id = :person AND m.month_minutes IS NOT NULL)"
)
_COMPANY = _QUOTA.format(subject="company"), _TAKE.format(key="2, :company")
_PERSON = f"({_QUOTA.format(subject='person')} OR {_CAPPED})", _TAKE.format(key="3, :person")
# One statement for all locks of a booking, in their order.
_LOCK = f"SELECT CASE WHEN :company > 0 AND {' THEN '.join(_COMPANY)} END, "
_LOCK += f"CASE WHEN :person > 0 AND {' THEN '.join(_PERSON)} END"
_LOCK_SUBJECTS = text(_LOCK.format(pools="ANY(CAST(:pools AS bigint[]))"))
_LOCK_ALL = text(f"{_LOCK.format(pools=':pool')}, {_TAKE.format(key='1, :pool')}")


def lock_booking(
    session: Session, pool_ids: Sequence[int], person_id: int | None, company_id: int | None
) -> None:
    """Queue behind other bookings of these pools, and of the person or company a quota counts.

    On SQLite the write lock is enough. A quota set this very moment binds from the next booking.
    """
    if not is_postgresql(session):
        return
    subjects = {"company": company_id or 0, "person": person_id or 0}
    if len(pool_ids) == 1:
        run(session, _LOCK_ALL, {**subjects, "pool": pool_ids[0]})
        return
    run(session, _LOCK_SUBJECTS, {**subjects, "pools": list(pool_ids)})
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
