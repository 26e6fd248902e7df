"""The lists of reservations a person may open: whose (scope), when (tab), and filters."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal_column, or_, select, true
from sqlalchemy.orm import Session, aliased

from booking.accounts.rules.permissions import may
from booking.companies.queries.lists import found_in
from booking.core.actor import Actor
from booking.inventory.models import Pool
from booking.reservations.models import Reservation

TABS = ("coming", "pending", "past")
ENDED = ("completed", "cancelled", "rejected", "expired", "no_show")
COUNT_UP_TO = 1000

# Literals, not bound values: only these let SQLite and PostgreSQL use the partial indexes.
PENDING: ColumnElement[bool] = literal_column("reservation.status = 'pending'")
AGREED: ColumnElement[bool] = literal_column("reservation.status IN ('approved','in_use')")
# What is coming or pending is little however long the history: indexes find it and it is sorted
# afterwards. An expression keeps the planner from walking the history in order. The whole park's
# is not so little: a partial index has what is coming in order, and its first page is read.
_START: ColumnElement[int] = literal_column("reservation.start_at + 0")


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list shows. `status` narrows the past; `text` is of a pool's name or a reference.

    `company_id` narrows the scope of companies to one of them.
    """

    scope: str = "mine"
    tab: str = "coming"
    status: str = ""
    text: str = ""
    company_id: int | None = None

    @property
    def folds(self) -> bool:
        """Return whether of a group only the next is listed; who searches finds each."""
        return self.scope == "mine" and self.tab != "past" and not self.text


def scopes_of(actor: Actor) -> list[str]:
    """Return the scopes this person has, their own first."""
    found = {
        "mine": True,
        "company": bool(actor.overseen_company_ids),
        "lab": bool(actor.lab_ids),
        "institution": bool(actor.represented_institution_ids),
        "park": may(actor, "reservation.read"),
    }
    return [scope for scope, has in found.items() if has]


def visible_list(actor: Actor, listing: Listing, now: datetime) -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of a list; coming soonest first, past latest first.

    Every scope is part of what `seen_by` allows, so each keeps to its own index.
    """
    query = _listed(actor, listing, now)
    if listing.tab == "past":
        return query.order_by(Reservation.start_at.desc(), Reservation.id.desc())
    in_order = listing.scope == "park" and listing.tab == "coming"
    return query.order_by(Reservation.start_at if in_order else _START, Reservation.id)


def tab_counts(session: Session, actor: Actor, listing: Listing, now: datetime) -> dict[str, int]:
    """Return how many reservations each tab holds, counted to 1,000. One query."""
    parts = [
        select(func.count())
        .select_from(
            _listed(actor, replace(listing, tab=tab, status=""), now).limit(COUNT_UP_TO).subquery()
        )
        .scalar_subquery()
        .label(tab)
        for tab in TABS
    ]
    row = session.execute(select(*parts)).one()
    return dict(zip(TABS, row, strict=True))


def _listed(actor: Actor, listing: Listing, now: datetime) -> Select[*tuple[Any, ...]]:
    query = select(Reservation.id).where(_whose(actor, listing), _when(listing.tab, now))
    if listing.scope in ("lab", "institution"):
        query = query.join(Pool, Pool.id == Reservation.pool_id)
    if listing.folds:
        query = query.where(_first_of_its_group(listing.tab, now))
    return query.where(*_filters(listing))


def _first_of_its_group(tab: str, now: datetime) -> ColumnElement[bool]:
    """Return whether no other reservation of the group comes before it in the tab."""
    other = aliased(Reservation)
    if tab == "pending":
        shown = (other.status == "pending") & (other.decide_by > now)
    else:
        shown = other.status.in_(("approved", "in_use")) & (other.end_at > now)
    same_start = (other.start_at == Reservation.start_at) & (other.id < Reservation.id)
    before = exists().where(
        other.group_id == Reservation.group_id, shown,
        or_(other.start_at < Reservation.start_at, same_start),
    )  # fmt: skip
    return or_(Reservation.group_id.is_(None), ~before)


def _whose(actor: Actor, listing: Listing) -> ColumnElement[bool]:
    scope, past = listing.scope, listing.tab == "past"
    if scope == "park" and may(actor, "reservation.read"):
        return true()
    if scope == "company":
        return _own_index(Reservation.company_id, past=past).in_(_companies(actor, listing))
    if scope == "lab":
        return _own_index(Pool.lab_id, past=past).in_(actor.lab_ids)
    if scope == "institution":
        ids = actor.represented_institution_ids
        return _own_index(Pool.institution_id, past=past).in_(ids)
    return Reservation.user_id == actor.user_id


def _companies(actor: Actor, listing: Listing) -> frozenset[int]:
    """Return the companies of which the actor sees everything, or the one asked for."""
    seen = actor.overseen_company_ids
    return seen & {listing.company_id} if listing.company_id in seen else seen


def _own_index(column: Any, *, past: bool) -> Any:
    """Return the column where its index is wanted, else an expression that has none."""
    return column if past else column + 0


def _when(tab: str, now: datetime) -> ColumnElement[bool]:
    # Until its job comes by, what is over still carries its old status: the clock decides here.
    over = or_(
        AGREED & (Reservation.end_at <= now),
        PENDING & (Reservation.decide_by <= now),
        Reservation.status.in_(ENDED),
    )
    open_ = or_(Reservation.decide_by > now, Reservation.decide_by.is_(None))
    return {"coming": AGREED & (Reservation.end_at > now), "pending": PENDING & open_}.get(
        tab, over
    )


def _filters(listing: Listing) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if listing.tab == "past" and listing.status in ENDED:
        found.append(Reservation.status == listing.status)
    if listing.text:
        # Pools first: there are few of them, and their names are looked through once.
        pools = select(Pool.id).where(
            found_in(listing.text, Pool.name_zh, Pool.name_en, Pool.model)
        )
        known = Reservation.reference == listing.text.upper()
        found.append(or_(Reservation.pool_id.in_(pools), known))
    return found
