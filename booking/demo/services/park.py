"""Creating the whole demo park, in the caller's one transaction."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.companies.models import Site
from booking.core.errors import WrongState
from booking.demo.rules import calendar, park
from booking.demo.services.places import Booker, build_places
from booking.demo.services.situations import build_situations
from booking.demo.services.stock import Stock, build_stock
from booking.demo.services.training import build_training
from booking.infra.passwords import hash_password
from booking.inventory.rules.classes import CLASSES
from booking.inventory.services.categories import load_classes
from booking.inventory.services.search import refresh_search
from booking.reservations.rules.imports import LoadRow
from booking.reservations.rules.reference import RANDOM_BYTES, reference
from booking.reservations.services.imports import load_reservations

# Known on purpose, printed by `make run`; the command refuses to run in Production.
PASSWORD = "demo-park-2026"  # noqa: S105
CHUNK = 2_000
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Made:
    """How much was made."""

    pools: int
    units: int
    reservations: int
    pending: int


def is_empty(session: Session) -> bool:
    """Return whether nobody has used this database: no person and no site."""
    used = session.scalar(select(User.id).limit(1)) or session.scalar(select(Site.id).limit(1))
    return used is None


def build_demo(session: Session, seed: int, now: datetime, progress: Progress) -> Made:
    """Return what was made in an empty database; the same for the same seed and day.

    `progress` is told a step and the share done (0–1). Raises WrongState when rows are there.
    """
    if not is_empty(session):
        raise WrongState("not_empty")
    # The same park for everyone who types the same seed; nothing here is a secret.
    rng = random.Random(seed)  # noqa: S311
    progress("places", 0.0)
    load_classes(session, None, CLASSES, now)
    password_hash = hash_password(PASSWORD)
    places = build_places(session, rng, password_hash, now)
    progress("inventory", 0.03)
    plans = park.pools(rng)
    stock = build_stock(session, rng, plans, places, now)
    progress("search", 0.15)
    refresh_search(session, stock.pools)
    build_training(session, stock.pools, now)
    build_situations(session, stock, password_hash, now)
    progress("reservations", 0.25)
    planned = calendar.reservations(rng, plans, len(places.bookers), now)
    rows = [
        _row(line, item, plans[item.pool], stock, places.bookers[item.booker])
        for line, item in enumerate(planned, start=1)
    ]
    loaded = 0
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        report = load_reservations(
            session, chunk, "demo", now, lambda: reference(rng.randbytes(RANDOM_BYTES))
        )
        loaded += report.imported
        progress("reservations", 0.25 + 0.75 * (first + len(chunk)) / len(rows))
    pending = sum(1 for row in rows if row.status == "pending")
    return Made(len(plans), sum(plan.size for plan in plans), loaded, pending)


def _row(
    line: int, item: calendar.Planned, plan: park.PoolPlan, stock: Stock, booker: Booker
) -> LoadRow:
    unit = stock.units[item.pool][item.unit]
    decide_by = item.created_at + timedelta(hours=24) if item.status == "pending" else None
    return LoadRow(
        line=line,
        pool_id=stock.pools[item.pool],
        unit_ids=(unit,),
        start=item.start,
        end=item.end,
        user_id=booker.user_id,
        person_text=None,
        company_id=booker.company_id,
        institution_id=booker.institution_id,
        purpose=item.purpose,
        status=item.status,
        source_key=f"demo:{unit}:{int(item.start.timestamp())}",
        created_at=item.created_at,
        note=item.note,
        decide_by=min(decide_by, item.start) if decide_by else None,
        named_unit=item.named,
        block_start=item.start - timedelta(minutes=plan.warmup),
        block_end=item.end + timedelta(minutes=plan.cleanup),
    )
