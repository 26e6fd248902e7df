"""R10: local time across daylight saving in every zone to 2031, by rule, text, store and iCal."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import icalendar
from dateutil import rrule as independent
from dateutil import tz
from sqlalchemy import select

from bench.drills.ground import Ground, lay
from bench.drills.result import Result, sweep
from booking import create_app
from booking.infra import clock, ics
from booking.infra.db import db, write
from booking.reservations.models import Reservation, ReservationGroup
from booking.reservations.queries.groups import series_of
from booking.reservations.rules.groups import SeriesWanted
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.rules.recurrence import (
    Occurrence,
    Recurrence,
    occurrences,
    wall_instant,
)
from booking.reservations.rules.rrule import parse_rule, rule_text
from booking.reservations.services.series import make_series
from tests import databases
from tests.reservations.oracle import DUBLIN, changes, oracle

RULE = Recurrence("daily", count=4)
HOUR = timedelta(hours=1)
WALLS = (time(0, 30), time(1, 30), time(2), time(2, 30), time(23, 45))
# Zones that never change: a spring and an autumn night all the same.
QUIET = (datetime(2026, 3, 28, 12), datetime(2030, 10, 26, 12))  # noqa: DTZ001 - local times
FULL_OCCURRENCES = 60_000
SHORT_EVERY = 60  # of the zones: each sixtieth
STORED_SHORT = 5
FIRST_STORED = datetime(2030, 2, 1, 12)  # noqa: DTZ001 - local
UNITS = 200


@dataclass(frozen=True, slots=True)
class Case:
    """A series of four days around a change of offset."""

    name: str
    zone: ZoneInfo
    first: datetime  # local, naive


def run(settings: dict[str, Any], engine: str, seconds: float | None) -> Result:
    """Return what came of it; the short form takes a few zones only."""
    result = Result("R10", engine)
    full = seconds is None
    names = sorted(available_timezones() - DUBLIN)[:: 1 if full else SHORT_EVERY]
    seen: Counter[str] = Counter()
    for case in cases(names):
        check(case, seen)
    stored = [case for case in cases(names) if case.first > FIRST_STORED]
    chosen = {case.name: case for case in reversed(stored)}  # the first change of each zone
    _store(settings, list(chosen.values())[: None if full else STORED_SHORT], seen)
    result.figures = {"zones": len(names), **dict(sorted(seen.items()))}
    wrong = {name: n for name, n in seen.items() if name.startswith("wrong") and n}
    result.require(not wrong, f"{wrong}")
    result.require(seen["in a gap"], "no time fell into a gap")
    result.require(seen["in a fold"], "no time came twice")
    least = FULL_OCCURRENCES if full else 1
    result.require(seen["occurrences"] >= least, f"only {seen['occurrences']} occurrences")
    sweep(settings, result)
    return result


def cases(names: list[str]) -> Iterator[Case]:
    """Yield series across each change of each zone, at five times of day."""
    for name in names:
        zone = ZoneInfo(name)
        for noon in changes(zone) or QUIET:
            for at in WALLS:
                yield Case(name, zone, datetime.combine(noon.date() - timedelta(days=1), at))


def check(case: Case, seen: Counter[str]) -> None:
    """Count what the rule, read back from its text, and its calendar say wrongly."""
    rule = parse_rule(rule_text(RULE))
    found = occurrences(rule, case.first, HOUR, case.zone)
    mine = [one.period.start for one in found]
    seen["occurrences"] += len(mine)
    seen["wrong against dateutil"] += mine != oracle(RULE, case.first, tz.gettz(case.name))
    days = [one.day for one in found]
    read = independent.rrulestr(rule_text(RULE), dtstart=case.first)
    seen["wrong text"] += rule != RULE or days != [moment.date() for moment in read]
    seen["wrong local time"] += sum(not _keeps(one, case, seen) for one in found)
    seen["wrong in iCal"] += mine != _through_ical(found)


def _keeps(one: Occurrence, case: Case, seen: Counter[str]) -> bool:
    """Return whether it is at its wall time; in a gap later by the gap, in a fold the first."""
    wall = datetime.combine(one.day, case.first.time())
    local = one.period.start.astimezone(case.zone)
    before, after = (wall.replace(tzinfo=case.zone, fold=fold).utcoffset() for fold in (0, 1))
    if before is None or after is None or one.period.length != HOUR:
        return False
    if before < after:  # the clock jumps over it
        seen["in a gap"] += 1
        return local.replace(tzinfo=None) == wall + (after - before)
    if before > after:
        seen["in a fold"] += 1
        return local.replace(tzinfo=None) == wall and local.utcoffset() == before
    return local.replace(tzinfo=None) == wall


def _through_ical(found: tuple[Occurrence, ...]) -> list[datetime]:
    """Return when the entries start that another library reads in our calendar."""
    entries = [
        ics.Entry(
            uid=f"{n}@drill.example", sequence=n, start=one.period.start, end=one.period.end,
            summary="仪器", location="", description="", url="https://drill.example/",
            organizer="lab@drill.example", attendee="ada@drill.example", attendee_name="Ada",
        )
        for n, one in enumerate(found)
    ]  # fmt: skip
    read = icalendar.Calendar.from_ical(ics.publish(entries, datetime(2026, 1, 1, tzinfo=UTC)))
    events = sorted(read.walk("VEVENT"), key=lambda event: int(str(event["SEQUENCE"])))
    starts = [event.decoded("DTSTART") for event in events]
    ends = [event.decoded("DTEND") for event in events]
    return [start for start, end in zip(starts, ends, strict=True) if end - start == HOUR]


def _store(settings: dict[str, Any], chosen: list[Case], seen: Counter[str]) -> None:
    """Book one series a zone by the service; count those whose rows say other instants."""
    ground = lay(settings, UNITS, 1)
    app = create_app("testing", settings)
    with app.app_context():
        for case in chosen:
            group_id = _book(ground, case)
            group = db.session.get_one(ReservationGroup, group_id)
            starts = db.session.scalars(
                select(Reservation.start_at)
                .where(Reservation.group_id == group_id)
                .order_by(Reservation.group_position)
            ).all()
            kept = series_of(group)
            true = oracle(RULE, case.first, tz.gettz(case.name))
            again = occurrences(kept.rule, kept.first, HOUR, kept.zone)
            seen["stored"] += 1
            seen["wrong in the store"] += list(starts) != true
            seen["wrong read back"] += [one.period.start for one in again] != true
            db.session.rollback()
    databases.close(app)


def _book(ground: Ground, case: Case) -> int:
    start = wall_instant(case.first.date(), case.first.time(), case.zone)
    request = BookingRequest(start, start + HOUR, pool_id=ground.pool_id)
    wanted, now = SeriesWanted(request, RULE, case.name), clock.now()
    return write(lambda s: make_series(s, ground.bookers[0], wanted, now)).group_id
