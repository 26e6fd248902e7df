"""Changing the calendar: the park's days, and where a site differs. Operators only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import require
from booking.audit.services import record
from booking.companies.models import Site
from booking.companies.services.register import live
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.core.text import one_line
from booking.policies.models import CalendarDay
from booking.policies.rules.calendar_text import KINDS, MOST_NAME
from booking.policies.services.settings import lock_edition, renew_edition

MOST_DAYS = 2000
FIRST, LAST = date(1970, 1, 1), date(2200, 1, 1)
SEED = "holidays "  # how the source of a seeded day begins


@dataclass(frozen=True, slots=True)
class DayFields:
    """A day of the calendar; `kind` ∈ holiday, workday, normal."""

    day: date
    kind: str
    name_zh: str = ""
    name_en: str = ""
    source: str = ""


def put_days(
    session: Session,
    actor: Actor | None,
    site_id: int | None,
    days: Sequence[DayFields],
    now: datetime,
    *,
    keeps_typed: bool = False,
) -> int:
    """Write days of the park's or a site's calendar; return how many differ from what was there.

    `keeps_typed` leaves days alone that people entered or imported. `actor` None is the command
    line. Raises NotFound, Invalid.
    """
    if actor is not None:
        require(actor, "park.edit")
    if site_id is not None:
        live(session, Site, site_id)
    for day in days:
        _require_fit(day)
    if len(days) > MOST_DAYS:
        raise Invalid("too_many_changes", limit=MOST_DAYS)
    lock_edition(session)
    query = select(CalendarDay).where(CalendarDay.site_key == (site_id or 0))
    known = {row.day: row for row in session.scalars(query)}
    changed = []
    for day in days:
        row = known.get(day.day.isoformat())
        if row is not None and keeps_typed and not row.source.startswith(SEED):
            continue
        if _write(session, site_id, row, day, known):
            changed.append(f"{day.day.isoformat()} {day.kind} {day.name_zh}")
    if changed:
        renew_edition(session)
        after = {"days": changed}
        record(session, actor, "calendar.put", ("calendar", site_id or 0), now, after=after)
    return len(changed)


def remove_day(session: Session, actor: Actor, day_id: int, now: datetime) -> None:
    """Take a day out of the calendar: it is again what its weekday, or the park, says."""
    require(actor, "park.edit")
    lock_edition(session)
    row = session.get(CalendarDay, day_id)
    if row is None:
        raise NotFound("day")
    before = {"day": row.day, "kind": row.kind, "name_zh": row.name_zh}
    session.delete(row)
    session.flush()
    renew_edition(session)
    record(session, actor, "calendar.remove", ("calendar", row.site_key), now, before=before)


def _write(
    session: Session,
    site_id: int | None,
    row: CalendarDay | None,
    day: DayFields,
    known: dict[str, CalendarDay],
) -> bool:
    values = {"kind": day.kind, "name_zh": one_line(day.name_zh), "name_en": one_line(day.name_en)}
    if row is None:
        iso = day.day.isoformat()
        row = CalendarDay(
            site_id=site_id, site_key=site_id or 0, day=iso, source=day.source, **values
        )
        session.add(row)
        known[iso] = row
        return True
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in {**values, "source": day.source}.items():
        setattr(row, name, value)
    return True


def _require_fit(day: DayFields) -> None:
    if day.kind not in KINDS:
        raise Invalid("unknown_choice", field="kind", actual=day.kind)
    if not FIRST <= day.day < LAST:
        raise Invalid("out_of_reach", field="day")
    for name in ("name_zh", "name_en"):
        if len(getattr(day, name)) > MOST_NAME:
            raise Invalid("too_long_text", field=name, limit=MOST_NAME)
