"""Reads of feeds: by secret, and a person's own list."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.queries.signing_in import SignedIn
from booking.companies.models import Company, Lab
from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.feeds.models import CalendarFeed
from booking.feeds.rules.scopes import COMPANY, LAB, UNIT, Scope, may_read
from booking.infra.secret import token_hash
from booking.inventory.models import Pool, Unit
from booking.inventory.queries.shown import visible_unit


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed with the names (zh, en) of what it is of; empty for the person's own."""

    id: int
    scope: Scope
    detail: str
    names: tuple[str, str]
    renewed_at: datetime


def feed_by_token(session: Session, token: str) -> tuple[CalendarFeed, SignedIn] | None:
    """Return the feed of this secret and its owner, None when revoked or nobody's. One query."""
    row = session.execute(
        select(CalendarFeed, User.name, User.email, User.locale, User.park_role, User.has_duties)
        .join(User, User.id == CalendarFeed.user_id)
        .where(CalendarFeed.token_hash == token_hash(token))
        .where(CalendarFeed.revoked_at.is_(None), User.retired_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    feed, name, email, locale, park_role, duties = row
    person = (feed.user_id, name, email, locale, park_role)
    return feed, SignedIn(*person, None, None, None, has_duties=bool(duties))


def visible_feeds(session: Session, actor: Actor) -> list[ListedFeed]:
    """Return the actor's own feeds that were not revoked, newest first. One query."""
    rows = session.execute(
        select(
            CalendarFeed,
            func.coalesce(Company.name_zh, Lab.name_zh, Pool.name_zh, "").label("zh"),
            func.coalesce(Company.name_en, Lab.name_en, Pool.name_en, "").label("en"),
            func.coalesce(Unit.name, "").label("unit"),
        )
        .outerjoin(Company, _is(COMPANY) & (Company.id == CalendarFeed.subject_id))
        .outerjoin(Lab, _is(LAB) & (Lab.id == CalendarFeed.subject_id))
        .outerjoin(Unit, _is(UNIT) & (Unit.id == CalendarFeed.subject_id))
        .outerjoin(Pool, Pool.id == Unit.pool_id)
        .where(own_feeds(actor))
        .order_by(CalendarFeed.id.desc())
    )
    return [
        ListedFeed(
            row.id, Scope(row.kind, row.subject_id), row.detail, _named(zh, en, unit),
            row.renewed_at,
        )
        for row, zh, en, unit in rows
    ]  # fmt: skip


def own_feeds(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on CalendarFeed: the actor's, and not revoked."""
    return and_(CalendarFeed.user_id == actor.user_id, CalendarFeed.revoked_at.is_(None))


def require_scope(session: Session, actor: Actor, scope: Scope, now: datetime) -> tuple[str, str]:
    """Return the names (zh, en) of what is asked for, empty for one's own. One query at most.

    Raises NotFound for what is not there or not the actor's to read at this moment.
    """
    if not may_read(actor, scope):
        raise NotFound("calendar")
    if scope.kind == UNIT:
        unit = visible_unit(session, actor, scope.id or 0, now)
        zh, en = session.execute(
            select(Pool.name_zh, Pool.name_en).where(Pool.id == unit.pool_id)
        ).one()
        return _named(zh, en, unit.name or "")
    if scope.kind in (COMPANY, LAB):
        table = Company if scope.kind == COMPANY else Lab
        row = session.execute(
            select(table.name_zh, table.name_en).where(table.id == scope.id)
        ).one_or_none()
        if row is None:
            raise NotFound("calendar")
        return row.name_zh, row.name_en
    return "", ""


def _is(kind: str) -> ColumnElement[bool]:
    return CalendarFeed.kind == kind


def _named(zh: str, en: str, unit: str) -> tuple[str, str]:
    if not unit:
        return zh, en
    return tuple(f"{name} · {unit}" if name else "" for name in (zh, en))  # type: ignore[return-value]
