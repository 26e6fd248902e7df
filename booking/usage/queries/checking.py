"""Whether what is kept of use is what reservations add up to; for `doctor`."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.usage.models import FIGURES, UsageLate, UsageSum
from booking.usage.queries.days import Park, day_of, over_since, park_of, zones_of
from booking.usage.queries.kept import kept

SAMPLED = 7  # days added up again, spread over all that are kept
# What was open is as it was when the day was added up; the rest has to be the same for ever.
LASTING = ("used", "external", "reservations", "no_shows")
LATE = timedelta(hours=6)


def complaints_of_usage(session: Session, now: datetime) -> list[str]:
    """Return a line for each thing that is wrong with what is kept of use; none when healthy."""
    found = {
        "days of use that are not what reservations add up to": untrue_days(session),
        "sums of use that are not those of the pools": unequal_sums(session),
        "use not added up since": behind(session, now),
    }
    return [f"{name}: {', '.join(items)}" for name, items in found.items() if items]


def untrue_days(session: Session) -> list[str]:
    """Return kept days that do not say what their reservations do, of seven that are looked at.

    A day in which something has changed that is not added up yet is left out.
    """
    state = kept(session)
    if state is None or session.scalar(select(UsageLate.id).limit(1)) is not None:
        return []
    park = park_of(session)
    first, last = date.fromisoformat(state.first_day), date.fromisoformat(state.last_day)
    step = max(1, ((last - first).days + 1) // SAMPLED)
    days = [last - timedelta(days=n) for n in range(0, (last - first).days + 1, step)]
    return [day.isoformat() for day in days[:SAMPLED] if not _is_true(session, park, day)]


def unequal_sums(session: Session) -> list[str]:
    """Return kinds whose days or months do not add up to those of the pools. One query."""
    columns = [func.sum(getattr(UsageSum, name)) for name in FIGURES]
    query = select(UsageSum.kind, UsageSum.whole_month, *columns)
    query = query.where(UsageSum.kind.in_(("pool", "park", "site", "institution", "lab")))
    query = query.where(UsageSum.company_id == 0)
    rows = session.execute(query.group_by(UsageSum.kind, UsageSum.whole_month)).all()
    wanted = [row[2:] for row in rows if (row.kind, row.whole_month) == ("pool", 0)]
    return sorted({row.kind for row in rows if wanted and row[2:] != wanted[0]})


def behind(session: Session, now: datetime) -> list[str]:
    """Return the last day that is kept, where the one before yesterday is not yet."""
    state = kept(session)
    if state is None:
        return []
    over = over_since(zones_of(session), now - LATE)
    return [state.last_day] if date.fromisoformat(state.last_day) < over else []


def _is_true(session: Session, park: Park, day: date) -> bool:
    query = select(UsageSum.item, *(getattr(UsageSum, name) for name in LASTING))
    query = query.where(UsageSum.kind == "pool", UsageSum.company_id == 0)
    query = query.where(UsageSum.whole_month == 0, UsageSum.first_day == day.isoformat())
    told = {int(item): tuple(figures) for item, *figures in session.execute(query)}
    is_so = {
        pool_id: tuple(getattr(sums.whole, name) for name in LASTING)
        for pool_id, sums in day_of(session, park, day).items()
    }
    nothing = (0,) * len(LASTING)
    # A pool that has been added or retired since has no day there.
    return all(
        told.get(pool, nothing) == is_so.get(pool, nothing) for pool in told.keys() & is_so.keys()
    )
