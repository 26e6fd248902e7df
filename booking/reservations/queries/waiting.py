"""Who waits for a pool, in what order, and what one person waits for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from booking.accounts.models import User
from booking.accounts.rules.permissions import Subject, may
from booking.companies.models import Lab, Site
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.core.period import Period
from booking.infra.db import run
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Hold, WaitlistEntry, WaitlistEvent

SHOWN_EVENTS = 50
MOST_SHOWN = 200
IN_ORDER = (WaitlistEntry.priority.desc(), WaitlistEntry.created_at, WaitlistEntry.id)
OPEN: ColumnElement[bool] = WaitlistEntry.state.in_(("waiting", "offered"))
IN_TURN: ColumnElement[bool] = WaitlistEntry.kind.in_(("offer", "move_up"))

_AHEAD = aliased(WaitlistEntry)
# Built once: asked at each release of time.
_AWAITED = (
    select(WaitlistEntry.pool_id)
    .distinct()
    .where(WaitlistEntry.pool_id.in_(bindparam("ids", expanding=True)))
    .where(WaitlistEntry.state == "waiting")
    .order_by(WaitlistEntry.pool_id)
)


def awaited(session: Session, pool_ids: Sequence[int]) -> list[int]:
    """Return those of the pools that somebody waits for, by id. One query."""
    return list(run(session, _AWAITED, {"ids": list(pool_ids)}).scalars())


def awaited_pools(session: Session) -> list[int]:
    """Return every pool with a queue, by id. One query."""
    query = select(WaitlistEntry.pool_id).distinct()
    query = query.where(WaitlistEntry.state == "waiting", IN_TURN)
    return list(session.scalars(query.order_by(WaitlistEntry.pool_id)))


def waiting_for(
    session: Session, pool_id: int, spans: Sequence[Period] | None, limit: int
) -> list[WaitlistEntry]:
    """Return who waits for a pool in a window that meets one of the spans, in their order.

    Read afresh: the caller holds the pool's lock. One query; None for any window.
    """
    meets = or_(
        *(and_(WaitlistEntry.first_at < s.end, WaitlistEntry.last_at > s.start) for s in spans)
    ) if spans else true()  # fmt: skip
    query = (
        select(WaitlistEntry)
        .where(WaitlistEntry.pool_id == pool_id, WaitlistEntry.state == "waiting", meets)
        .order_by(*IN_ORDER)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def open_of(session: Session, user_id: int) -> list[WaitlistEntry]:
    """Return what a person waits for or is offered. One query."""
    query = select(WaitlistEntry).where(WaitlistEntry.user_id == user_id, OPEN)
    return list(session.scalars(query.order_by(WaitlistEntry.id)))


def own_entry(session: Session, actor: Actor, entry_id: int) -> WaitlistEntry:
    """Return one's own entry. Raises NotFound when it is another's or missing."""
    query = select(WaitlistEntry).where(
        WaitlistEntry.id == entry_id, WaitlistEntry.user_id == actor.user_id
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("waitlist")
    return found


def visible_waiting(
    actor: Actor, pool_id: int | None = None, state: str | None = None, *, mine: bool = False
) -> Select[*tuple[Any, ...]]:
    """Return a query for the entries an actor may see, with names, by start and id.

    Columns: WaitlistEntry, pool names, zone, unit's asset number, the person's name and the place
    in the queue (None once it is over, or of a notice). One's own; the lab's those of its pools;
    the operator's all.
    """
    ahead = select(func.count()).select_from(_AHEAD).where(
        _AHEAD.pool_id == WaitlistEntry.pool_id,
        _AHEAD.state.in_(("waiting", "offered")),
        _AHEAD.kind.in_(("offer", "move_up")),
        or_(
            _AHEAD.priority > WaitlistEntry.priority,
            and_(
                _AHEAD.priority == WaitlistEntry.priority,
                or_(
                    _AHEAD.created_at < WaitlistEntry.created_at,
                    and_(
                        _AHEAD.created_at == WaitlistEntry.created_at,
                        _AHEAD.id <= WaitlistEntry.id,
                    ),
                ),
            ),
        ),
    ).correlate(WaitlistEntry).scalar_subquery()  # fmt: skip
    place = case((and_(OPEN, IN_TURN), ahead), else_=None)
    query = (
        select(
            WaitlistEntry, Pool.name_zh, Pool.name_en, Pool.lab_id, Unit.asset_no,
            Site.time_zone, User.name.label("person"), place.label("place"),
        )
        .join(Pool, Pool.id == WaitlistEntry.pool_id)
        .join(Site, Site.id == Pool.site_id)
        .join(User, User.id == WaitlistEntry.user_id)
        .outerjoin(Unit, Unit.id == WaitlistEntry.unit_id)
        .where(_seen_by(actor))
        .order_by(WaitlistEntry.first_at, WaitlistEntry.id)
    )  # fmt: skip
    if pool_id is not None:
        query = query.where(WaitlistEntry.pool_id == pool_id)
    if state is not None:
        query = query.where(WaitlistEntry.state == state)
    return query.where(WaitlistEntry.user_id == actor.user_id) if mine else query


def visible_entry(session: Session, actor: Actor, entry_id: int) -> Row[*tuple[Any, ...]]:
    """Return one row of `visible_waiting`. Raises NotFound."""
    row = session.execute(visible_waiting(actor).where(WaitlistEntry.id == entry_id)).one_or_none()
    if row is None:
        raise NotFound("waitlist")
    return row


def queue_of(session: Session, actor: Actor, pool_id: int) -> list[Row[*tuple[Any, ...]]]:
    """Return a pool's queue as an actor of its lab sees it, in order. Raises NotFound. Two queries.

    At most 200.
    """
    pool = session.execute(
        select(Pool.lab_id, Pool.institution_id, Lab.staff_may_approve)
        .join(Lab, Lab.id == Pool.lab_id)
        .where(Pool.id == pool_id)
    ).one_or_none()
    if pool is None:
        raise NotFound("pool")
    subject = Subject(lab_id=pool.lab_id, institution_id=pool.institution_id)
    if not may(actor, "pool.use", subject):
        raise NotFound("pool")
    query = visible_waiting(actor, pool_id).where(OPEN)
    return list(session.execute(query.order_by(None).order_by(*IN_ORDER).limit(MOST_SHOWN)))


def offers_of(session: Session, entries: Sequence[WaitlistEntry]) -> dict[int, Hold]:
    """Return what each of these entries is offered now, by its id. One query at most."""
    holds = {e.hold_id: e.id for e in entries if e.state == "offered" and e.hold_id is not None}
    if not holds:
        return {}
    rows = session.scalars(select(Hold).where(Hold.id.in_(holds)))
    return {holds[hold.id]: hold for hold in rows}


def events_of(session: Session, entry_ids: Sequence[int]) -> dict[int, list[WaitlistEvent]]:
    """Return the last events of entries the caller may see, oldest first. One query."""
    query = (
        select(WaitlistEvent)
        .where(WaitlistEvent.entry_id.in_(entry_ids))
        .order_by(WaitlistEvent.id.desc())
        .limit(SHOWN_EVENTS * max(len(entry_ids), 1))
    )
    found: dict[int, list[WaitlistEvent]] = {}
    for event in session.scalars(query):
        found.setdefault(event.entry_id, []).insert(0, event)
    return found


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    if may(actor, "reservation.read"):
        return true()
    parts: list[ColumnElement[bool]] = [WaitlistEntry.user_id == actor.user_id]
    represented = sorted(actor.represented_institution_ids)
    if actor.lab_ids or represented:
        own = or_(Pool.lab_id.in_(sorted(actor.lab_ids)), Pool.institution_id.in_(represented))
        parts.append(own)
    return or_(*parts)
