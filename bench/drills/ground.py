"""The ground drills are fought on: a small park with one pool, and who books it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from bench.drills.ready import ready_app
from booking.accounts.models import User
from booking.companies.models import Company, Institution, Lab, LabMember, Membership, Site
from booking.core.actor import Actor, Party
from booking.infra.db import db, transaction
from booking.inventory.models import Contribution, Pool, Unit

YEARS = 3650
FIRST = datetime(2030, 1, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Ground:
    """Ids of the pool and its units, and the actors; small enough to be sent to processes."""

    pool_id: int
    unit_ids: tuple[int, ...]
    bookers: tuple[Actor, ...]
    manager: Actor


def slot(number: int, hours: float = 1) -> tuple[datetime, datetime]:
    """Return the n-th hour after FIRST, as long as `hours`."""
    start = FIRST + timedelta(hours=number)
    return start, start + timedelta(hours=hours)


def lay(settings: dict[str, Any], units: int, bookers: int, approval: str = "auto") -> Ground:
    """Return a fresh ground in the migrated database of `settings`: one pool, many companies."""
    app: Flask = ready_app(settings)
    with app.app_context():
        with transaction() as session:
            ground = _write(session, units, bookers, approval)
        db.session.remove()
        db.engine.dispose()
    return ground


def _write(session: Session, units: int, bookers: int, approval: str) -> Ground:
    now = datetime.now(UTC).replace(microsecond=0)
    site, owner = Site(name_zh="演练园区"), Institution(name_zh="演练单位")
    session.add_all([site, owner])
    session.flush()
    lab = Lab(institution_id=owner.id, name_zh="演练实验室")
    session.add(lab)
    session.flush()
    pool = Pool(
        institution_id=owner.id, lab_id=lab.id, site_id=site.id, name_zh="演练设备",
        approval=approval, horizon_days=YEARS, max_units=200, max_minutes=60 * 24 * 30,
        created_at=now,
    )  # fmt: skip
    session.add(pool)
    session.flush()
    session.add(Contribution(pool_id=pool.id, from_at=now - timedelta(days=1)))
    things = [Unit(pool_id=pool.id, institution_id=owner.id, created_at=now) for _ in range(units)]
    session.add_all(things)
    manager = _person(session, "manager", now)
    session.add(LabMember(lab_id=lab.id, user_id=manager, role="manager"))
    actors = [_booker(session, n, now) for n in range(bookers)]
    session.flush()
    return Ground(
        pool.id, tuple(thing.id for thing in things), tuple(actors),
        Actor(manager, "manager", labs={lab.id: "manager"}),
    )  # fmt: skip


def _person(session: Session, name: str, now: datetime) -> int:
    user = User(email=f"{name}@drill.example", name=name, created_at=now)
    session.add(user)
    session.flush()
    return user.id


def _booker(session: Session, number: int, now: datetime) -> Actor:
    user_id = _person(session, f"booker{number}", now)
    company = Company(name_zh=f"演练企业{number}")
    session.add(company)
    session.flush()
    session.add(Membership(user_id=user_id, company_id=company.id, roles="member"))
    party = Party(company.id, None, frozenset({"member"}))
    return Actor(user_id, f"booker{number}", parties=(party,))
