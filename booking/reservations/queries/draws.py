"""Draws that are due, what they decide by, and the days they keep closed meanwhile."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select, type_coerce
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.queries.duties import standing_and_duties
from booking.core.actor import Actor
from booking.core.period import Period
from booking.infra.db import BigInt, run
from booking.reservations.models import Draw, DrawEntry, Reservation
from booking.reservations.rules.draws import RECENT, Entrant, Use

# A missed reservation kept the time from others.
USED = ("pending", "approved", "in_use", "completed", "no_show")
MOST_DUE = 100
_SECONDS = (
    type_coerce(Reservation.end_at, BigInt) - type_coerce(Reservation.start_at, BigInt)
) * Reservation.quantity
# Built once: asked at each booking of a pool that opens fairly.
_UNDECIDED = (
    select(Draw.pool_id, Draw.day_start, Draw.day_end)
    .where(Draw.pool_id.in_(bindparam("ids", expanding=True)), Draw.state != "done")
    .where(Draw.id != bindparam("besides"))
    .order_by(Draw.day_start, Draw.id)
)


def undecided_days(
    session: Session, pool_ids: Sequence[int], besides: int | None
) -> dict[int, tuple[Period, ...]]:
    """Return the days of each pool whose requests are not decided, in order. One query.

    `besides` is a draw that does not keep its day closed: the one that is being decided.
    """
    found: dict[int, tuple[Period, ...]] = {}
    for row in run(session, _UNDECIDED, {"ids": list(pool_ids), "besides": besides or 0}):
        days = found.get(row.pool_id, ())
        found[row.pool_id] = (*days, Period(row.day_start, row.day_end))
    return found


def due_draws(session: Session, now: datetime, pool_id: int | None = None) -> list[int]:
    """Return the draws to be made or gone on with, of one pool or of all, by time. One query."""
    query = select(Draw.id).where(Draw.state != "done", Draw.draws_at <= now)
    if pool_id is not None:
        query = query.where(Draw.pool_id == pool_id)
    return list(session.scalars(query.order_by(Draw.draws_at, Draw.id).limit(MOST_DUE)))


def next_in_draw(session: Session, draw_id: int) -> int | None:
    """Return the entry whose turn it is, if one is left. One query."""
    query = select(DrawEntry.id).where(DrawEntry.draw_id == draw_id, DrawEntry.state == "waiting")
    return session.scalars(query.order_by(DrawEntry.rank, DrawEntry.id).limit(1)).one_or_none()


def entrants_of(session: Session, draw_id: int) -> list[Entrant]:
    """Return what was asked for in a draw and not withdrawn. One query."""
    query = select(DrawEntry).where(DrawEntry.draw_id == draw_id, DrawEntry.state == "waiting")
    return [
        Entrant(
            row.id, row.user_id, (row.company_id, row.institution_id),
            Period(row.start_at, row.end_at), row.unit_id, row.quantity,
        )
        for row in session.scalars(query.order_by(DrawEntry.id))
    ]  # fmt: skip


def recent_use(session: Session, draw: Draw, entrants: Sequence[Entrant]) -> Use:
    """Return the minutes of the draw's pool that entrants used of late or booked. Two queries."""
    people = {one.user_id for one in entrants}
    parties = {one.party for one in entrants}
    person, company = Reservation.user_id, Reservation.company_id
    institution = Reservation.institution_id
    used = (
        select(func.sum(_SECONDS))
        .where(Reservation.pool_id == draw.pool_id, Reservation.status.in_(USED))
        .where(Reservation.start_at >= draw.draws_at - RECENT)
    )
    by_person = session.execute(
        used.add_columns(person).where(person.in_(people)).group_by(person)
    ).all()
    by_party = session.execute(
        used.add_columns(company, institution)
        .where(
            company.in_({key for key, _ in parties if key is not None})
            | institution.in_({key for _, key in parties if key is not None})
        )
        .group_by(company, institution)
    ).all()
    return Use(
        {user_id: int(seconds) // 60 for seconds, user_id in by_person},
        {(one, other): int(seconds) // 60 for seconds, one, other in by_party},
    )


def actor_of(session: Session, user_id: int, now: datetime) -> Actor | None:
    """Return a person as they could act now; None when they are no longer here. Two queries."""
    user = session.scalars(
        select(User).where(User.id == user_id, User.retired_at.is_(None))
    ).one_or_none()
    if user is None:
        return None
    parties, labs, duties = standing_and_duties(session, user_id, now)
    return Actor(user.id, user.name, user.park_role, parties, labs, duties=duties)
