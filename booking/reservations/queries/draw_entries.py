"""Requests for days that open fairly, as those see them who may."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from booking.accounts.models import User
from booking.accounts.rules.permissions import may
from booking.companies.models import Company, Institution, Site
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.inventory.models import Pool, Unit
from booking.reservations.models import Draw, DrawEntry

DRAWS_SHOWN = 10
MOST_SHOWN = 500

_COUNTED = aliased(DrawEntry)


def visible_draw_entries(
    actor: Actor, pool_id: int | None = None, state: str | None = None, *, mine: bool = False
) -> Select[*tuple[Any, ...]]:
    """Return a query for the entries an actor may see, with names, by start and id.

    Columns: DrawEntry, Draw, pool names, zone, unit's asset number, the person's and the party's
    names, and `of`, how many were ranked. One's own, and those one made for another; the lab's
    those of its pools; the operator's all.
    """
    counted = (
        select(func.count())
        .where(_COUNTED.draw_id == DrawEntry.draw_id, _COUNTED.rank.is_not(None))
        .correlate(DrawEntry)
        .scalar_subquery()
    )
    query = (
        select(
            DrawEntry, Draw, Pool.name_zh, Pool.name_en, Unit.asset_no, Site.time_zone,
            User.name.label("person"), counted.label("of"),
            func.coalesce(Company.name_zh, Institution.name_zh).label("party_zh"),
            func.coalesce(Company.name_en, Institution.name_en).label("party_en"),
        )
        .join(Draw, Draw.id == DrawEntry.draw_id)
        .join(Pool, Pool.id == Draw.pool_id)
        .join(Site, Site.id == Pool.site_id)
        .join(User, User.id == DrawEntry.user_id)
        .outerjoin(Unit, Unit.id == DrawEntry.unit_id)
        .outerjoin(Company, Company.id == DrawEntry.company_id)
        .outerjoin(Institution, Institution.id == DrawEntry.institution_id)
        .where(_seen_by(actor))
        .order_by(DrawEntry.start_at, DrawEntry.id)
    )  # fmt: skip
    if pool_id is not None:
        query = query.where(Draw.pool_id == pool_id)
    if state is not None:
        query = query.where(DrawEntry.state == state)
    return query.where(_own(actor)) if mine else query


def visible_draw_entry(session: Session, actor: Actor, entry_id: int) -> Row[*tuple[Any, ...]]:
    """Return one row of `visible_draw_entries`. Raises NotFound."""
    query = visible_draw_entries(actor).where(DrawEntry.id == entry_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("draw_entry")
    return row


def own_draw_entry(session: Session, actor: Actor, entry_id: int) -> DrawEntry:
    """Return one's own entry, or one made for another. Raises NotFound for others."""
    found = session.scalars(
        select(DrawEntry).where(DrawEntry.id == entry_id, _own(actor))
    ).one_or_none()
    if found is None:
        raise NotFound("draw_entry")
    return found


def draws_of(session: Session, actor: Actor, pool_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the visible entries of a pool's last ten draws: last day first, then by rank."""
    last = (
        select(Draw.id)
        .where(Draw.pool_id == pool_id)
        .order_by(Draw.day_start.desc(), Draw.id.desc())
        .limit(DRAWS_SHOWN)
    )
    order = (
        Draw.day_start.desc(),
        Draw.id.desc(),
        DrawEntry.rank,
        DrawEntry.start_at,
        DrawEntry.id,
    )
    query = visible_draw_entries(actor, pool_id).where(Draw.id.in_(last.scalar_subquery()))
    return session.execute(query.order_by(None).order_by(*order).limit(MOST_SHOWN)).all()


def _own(actor: Actor) -> ColumnElement[bool]:
    return or_(DrawEntry.user_id == actor.user_id, DrawEntry.made_by_id == actor.user_id)


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    if may(actor, "reservation.read"):
        return true()
    parts: list[ColumnElement[bool]] = [_own(actor)]
    represented = sorted(actor.represented_institution_ids)
    if actor.lab_ids or represented:
        parts.append(Pool.lab_id.in_(sorted(actor.lab_ids)))
        parts.append(Pool.institution_id.in_(represented))
    return or_(*parts)
