"""The lists of reservations a person may open: whose (scope), when (tab), and filters."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select, true
from sqlalchemy.orm import Session

from booking.companies.queries.lists import found_in
from booking.core.actor import Actor
from booking.inventory.models import Pool
from booking.reservations.models import Reservation
from booking.reservations.queries.named import named_reservations

TABS = ("coming", "pending", "past")
ENDED = ("completed", "cancelled", "rejected", "expired", "no_show")
COUNT_UP_TO = 1000

# Literals, not bound values: only these let SQLite and PostgreSQL use the partial indexes.
_PENDING: ColumnElement[bool] = literal_column("reservation.status = 'pending'")
_AGREED: ColumnElement[bool] = literal_column("reservation.status IN ('approved','in_use')")


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list shows. `status` narrows the past; `text` is part of a pool's name or model."""

    scope: str = "mine"
    tab: str = "coming"
    status: str = ""
    text: str = ""


def scopes_of(actor: Actor) -> list[str]:
    """Return the scopes this person has, their own first."""
    found = {
        "mine": True,
        "company": bool(actor.administered_company_ids),
        "lab": bool(actor.lab_ids),
        "institution": bool(actor.represented_institution_ids),
        "park": actor.is_operator,
    }
    return [scope for scope, has in found.items() if has]


def visible_list(actor: Actor, listing: Listing, now: datetime) -> Select[*tuple[Any, ...]]:
    """Return the query of a list, rows for `named`; coming soonest first, past latest first.

    Every scope is part of what `seen_by` allows, so each keeps to its own index.
    """
    query = named_reservations().where(_whose(actor, listing.scope), _when(listing.tab, now))
    query = query.where(*_filters(listing))
    if listing.tab == "past":
        return query.order_by(Reservation.start_at.desc(), Reservation.id.desc())
    return query.order_by(Reservation.start_at, Reservation.id)


def tab_counts(session: Session, actor: Actor, listing: Listing, now: datetime) -> dict[str, int]:
    """Return how many reservations each tab holds, counted to 1,000. One query."""
    text = Listing(text=listing.text)
    parts = [
        select(func.count())
        .select_from(
            select(Reservation.id)
            .join(Pool, Pool.id == Reservation.pool_id)
            .where(_whose(actor, listing.scope), _when(tab, now), *_filters(text))
            .limit(COUNT_UP_TO)
            .subquery()
        )
        .scalar_subquery()
        .label(tab)
        for tab in TABS
    ]
    row = session.execute(select(*parts)).one()
    return dict(zip(TABS, row, strict=True))


def _whose(actor: Actor, scope: str) -> ColumnElement[bool]:
    if scope == "company":
        return Reservation.company_id.in_(actor.administered_company_ids)
    if scope == "lab":
        return Pool.lab_id.in_(actor.lab_ids)
    if scope == "institution":
        return Pool.institution_id.in_(actor.represented_institution_ids)
    if scope == "park" and actor.is_operator:
        return true()
    return Reservation.user_id == actor.user_id


def _when(tab: str, now: datetime) -> ColumnElement[bool]:
    # Until its job comes by, what is over still carries its old status: the clock decides here.
    over = or_(
        _AGREED & (Reservation.end_at <= now),
        _PENDING & (Reservation.decide_by <= now),
        Reservation.status.in_(ENDED),
    )
    open_ = or_(Reservation.decide_by > now, Reservation.decide_by.is_(None))
    return {"coming": _AGREED & (Reservation.end_at > now), "pending": _PENDING & open_}.get(
        tab, over
    )


def _filters(listing: Listing) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if listing.tab == "past" and listing.status in ENDED:
        found.append(Reservation.status == listing.status)
    if listing.text:
        columns = (Pool.name_zh, Pool.name_en, Pool.model, Reservation.reference)
        found.append(found_in(listing.text, *columns))
    return found
