"""What an import of bookings compares its rows with: things by name, people by address."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Membership, Site
from booking.inventory.models import Pool, Unit
from booking.reservations.rules.import_plan import Person
from booking.reservations.rules.resources import Resource, Resources, Target

CHUNK = 500


def resources_of(session: Session, institution_id: int | None) -> Resources:
    """Return every unit, retired ones too, of the institution or (None) of all. One query."""
    query = (
        select(
            Unit.id, Unit.pool_id, Site.time_zone, Unit.asset_no, Unit.serial, Unit.name,
            Pool.model, Pool.name_zh, Pool.name_en,
        )
        .join(Pool, Pool.id == Unit.pool_id)
        .join(Site, Site.id == Pool.site_id)
        .order_by(Unit.id)
    )  # fmt: skip
    if institution_id is not None:
        query = query.where(Unit.institution_id == institution_id)
    return Resources(
        [
            Resource(
                Target(unit_id, pool_id, zone),
                asset_no,
                serial,
                model,
                (name,) if name else (name_zh, name_en),
            )
            for unit_id, pool_id, zone, asset_no, serial, name, model, name_zh, name_en in (
                session.execute(query)
            )
        ]
    )


def people_by_address(
    session: Session, addresses: Collection[str], now: datetime
) -> dict[str, Person]:
    """Return the people with accounts by address, and their party where they have just one."""
    found: dict[str, Person] = {}
    listed = sorted(addresses)
    for at in range(0, len(listed), CHUNK):
        chunk = listed[at : at + CHUNK]
        query = select(User.email, User.id).where(User.email.in_(chunk))
        ids = {email: user_id for email, user_id in session.execute(query)}  # noqa: C416
        parties = _parties(session, list(ids.values()), now)
        for email, user_id in ids.items():
            own = parties.get(user_id, [])
            found[email] = Person(user_id, *own[0]) if len(own) == 1 else Person(user_id)
    return found


def _parties(
    session: Session, user_ids: list[int], now: datetime
) -> dict[int, list[tuple[int | None, int | None]]]:
    query = (
        select(Membership.user_id, Membership.company_id, Membership.institution_id)
        .where(
            Membership.user_id.in_(user_ids),
            or_(Membership.from_at.is_(None), Membership.from_at <= now),
            or_(Membership.until_at.is_(None), Membership.until_at > now),
        )
        .order_by(Membership.id)
    )
    parties: dict[int, list[tuple[int | None, int | None]]] = defaultdict(list)
    for user_id, company_id, institution_id in session.execute(query):
        parties[user_id].append((company_id, institution_id))
    return parties
