"""When a person may start: spans, the least notice and the nearest time, each at its bounds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.inventory.rules.sharing import Sharing
from booking.policies.rules.calendar import Calendar
from booking.policies.rules.decide import broken_codes, violations
from booking.policies.rules.proposal import Own, Person, Proposal, Qualified
from booking.policies.rules.quotas import Account, Quota
from booking.policies.rules.times import (
    align_up,
    earliest_start,
    fitting_length,
    nearest,
    open_spans,
)
from booking.policies.rules.values import DEFAULTS, NEVER, PoolRules, Rule

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)  # Monday 09:00
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OFFICE = WeeklyHours.parse(";".join(f"{day} 08:00-18:00" for day in range(1, 6)))
AGREED = Sharing(NOW - DAY, None, None)


def rules(**values) -> PoolRules:
    return replace(DEFAULTS, **{name: Rule(value, "lab") for name, value in values.items()})


def at(hour: float, hours: float = 1) -> Period:
    """Return hours after Monday's midnight there."""
    start = datetime(2026, 11, 23, tzinfo=ZONE) + hour * HOUR
    return Period(start.astimezone(UTC), start.astimezone(UTC) + hours * HOUR)


def propose(period: Period, now: datetime = NOW, **more) -> Proposal:
    return Proposal(period, 1, now, ZONE, 3, **{"insider": True, "pool_id": 1} | more)


def hours(spans: list[Period]) -> list[tuple[float, float]]:
    midnight = at(0).start
    return [((s.start - midnight) / HOUR, (s.end - midnight) / HOUR) for s in spans]


# --- the least notice ----------------------------------------------------------------------

HALF = NOW + timedelta(seconds=30)  # half a minute past nine


@pytest.mark.parametrize(
    ("lead", "needs_decision", "first"),
    [
        (60, False, NOW + HOUR),
        (0, False, NOW),
        (60, True, NOW + HOUR),
        (0, True, NOW + MINUTE),
        (1, True, NOW + MINUTE),
        (None, True, NOW + MINUTE),
        (None, False, datetime.min.replace(tzinfo=UTC)),
        (NEVER, False, None),
        (NEVER, True, None),
    ],
)
def test_the_first_start_counts_whole_minutes(lead, needs_decision, first):
    proposal = propose(at(9), HALF, needs_decision=needs_decision)
    assert earliest_start(rules(create_latest_minutes=lead), proposal) == first


def test_the_minute_that_runs_is_not_the_past():
    assert violations(DEFAULTS, propose(at(9), HALF)) == ()
    assert broken_codes(DEFAULTS, propose(at(9), NOW + MINUTE)) == {"past"}
    assert broken_codes(DEFAULTS, propose(at(9), NOW + MINUTE, keeps_start=True)) == set()


@pytest.mark.parametrize(("end", "who"), [(9, ()), (9.25, ("lab_manager", "operator")), (8, ())])
def test_only_what_still_runs_can_be_written_down_late(end, who):
    [late] = violations(DEFAULTS, propose(at(7, end - 7)))
    assert (late.code, late.overridable_by) == ("past", who)


# --- the spans in which somebody may book --------------------------------------------------


@pytest.mark.parametrize(
    ("given", "more", "spans"),
    [
        ({}, {}, [(10, 34)]),
        ({"opening_hours": OFFICE}, {}, [(10, 18), (32, 34)]),
        ({"create_latest_minutes": 120}, {}, [(11, 34)]),
        ({"create_latest_minutes": 60}, {}, [(10, 34)]),
        ({"create_latest_minutes": 25 * 60}, {}, []),
        ({"create_latest_minutes": 25 * 60 - 1}, {}, [(34 - 1 / 60, 34)]),
        ({"create_latest_minutes": NEVER}, {}, []),
        ({"overnight": False}, {}, [(10, 24), (24, 34)]),
        ({"level": 2}, {}, []),
        ({"level": 2}, {"person": Person(7, (Qualified(2, at(12).start),))}, [(10, 12)]),
        ({"level": 2}, {"person": Person(7, (Qualified(2, at(10).start),))}, []),
        ({"level": 2}, {"person": Person(7, (Qualified(1),))}, []),
        ({"level": 2}, {"person": Person(7, (Qualified(2),))}, [(10, 34)]),
        ({"level": 0}, {"person": Person(7, (Qualified(0, at(12).start),))}, [(10, 34)]),
        ({"one_at_a_time": True}, {"person": Person(7, own=(Own(1, 1, at(12)),))},
         [(10, 12), (13, 34)]),
        ({}, {"person": Person(7, own=(Own(1, 1, at(12)),))}, [(10, 34)]),
        ({"holidays": "closed"}, {"calendar": Calendar({date(2026, 11, 24): "holiday"})},
         [(10, 24)]),
        ({"holidays": "open"}, {"calendar": Calendar({date(2026, 11, 24): "holiday"})},
         [(10, 34)]),
        ({"holidays": "closed", "opening_hours": OFFICE}, {}, [(10, 18), (32, 34)]),
        ({"horizon_days": 0, "fair_opening_minutes": 5}, {}, [(10, 24)]),
        ({"horizon_days": 0}, {}, [(10, 34)]),
    ],
)  # fmt: skip
def test_the_spans_in_which_a_person_may_book(given, more, spans):
    assert hours(open_spans(rules(**given), propose(at(10), **more), at(10, 24))) == spans


def test_a_day_that_opens_fairly_is_closed_from_its_midnight():
    fair, asked = rules(horizon_days=0, fair_opening_minutes=5), propose(at(10))
    assert open_spans(fair, asked, at(24, 3)) == []
    assert hours(open_spans(fair, asked, at(23, 3))) == [(23, 24)]
    assert hours(open_spans(fair, replace(asked, its_turn=True), at(23, 3))) == [(23, 26)]


@pytest.mark.parametrize(
    ("sharing", "spans"),
    [
        (None, []),
        (AGREED, [(10, 34)]),
        (replace(AGREED, from_at=at(12).start), [(12, 34)]),
        (replace(AGREED, until_at=at(12).start), [(10, 12)]),
        (replace(AGREED, until_at=at(10).start), []),
        (replace(AGREED, from_at=at(34).start), []),
        (replace(AGREED, until_at=at(40).start), [(10, 34)]),
        (replace(AGREED, hours=WeeklyHours.parse("1 12:00-14:00;2 08:00-18:00")),
         [(12, 14), (32, 34)]),
        (replace(AGREED, hours=WeeklyHours.parse("1 12:00-14:00"), until_at=at(13).start),
         [(12, 13)]),
    ],
)  # fmt: skip
def test_others_book_within_their_agreement(sharing, spans):
    asked = propose(at(10), insider=False, sharing=sharing)
    assert hours(open_spans(DEFAULTS, asked, at(10, 24))) == spans
    assert hours(open_spans(DEFAULTS, replace(asked, insider=True), at(10, 24))) == [(10, 34)]


@pytest.mark.parametrize(
    ("sharing", "codes"),
    [
        (replace(AGREED, from_at=at(12).start), set()),
        (replace(AGREED, from_at=at(12).start + MINUTE), {"not_shared"}),
        (replace(AGREED, until_at=at(13).start), set()),
        (replace(AGREED, until_at=at(13).start - MINUTE), {"not_shared"}),
        (replace(AGREED, hours=WeeklyHours.parse("1 12:00-13:00")), set()),
        (replace(AGREED, hours=WeeklyHours.parse("1 12:01-13:00")), {"outside_shared_hours"}),
        # Said once: outside the agreement its hours do not matter.
        (replace(AGREED, until_at=at(9).start, hours=WeeklyHours.parse("1 08:00-09:00")),
         {"not_shared"}),
    ],
)  # fmt: skip
def test_an_agreement_covers_a_period_from_edge_to_edge(sharing, codes):
    assert broken_codes(DEFAULTS, propose(at(12), insider=False, sharing=sharing)) == codes


@pytest.mark.parametrize(
    ("period", "codes"),
    [
        (at(8 + 24, 10), set()), (at(8 + 24, 10.25), {"closed_hours"}),
        (at(7.75 + 24, 1), {"closed_hours"}), (at(5 * 24 + 9), {"closed_hours"}),
        (at(2 * 24 + 9), {"holiday"}), (at(2 * 24 + 20), {"closed_hours"}),
        (at(6 * 24 + 9), set()),  # a Sunday worked as a Monday
    ],
)  # fmt: skip
def test_closed_hours_and_holidays_are_told_apart(period, codes):
    days = {date(2026, 11, 25): "holiday", date(2026, 11, 29): "workday"}
    office = rules(opening_hours=OFFICE, holidays="closed")
    assert broken_codes(office, propose(period, calendar=Calendar(days))) == codes


@pytest.mark.parametrize(
    ("period", "codes"), [(at(22, 2), set()), (at(22, 2.25), {"overnight"}), (at(24, 24), set())]
)
def test_a_day_ends_with_midnight(period, codes):
    assert broken_codes(rules(overnight=False), propose(period)) == codes


# --- the length and the grid ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "most", "step", "asked", "length"),
    [
        (30, 120, 30, 60, 60), (30, 120, 30, 61, 90), (30, 120, 30, 5, 30), (30, 120, 30, 500, 120),
        (30, 120, 30, 120, 120), (30, 100, 30, 95, 90), (30, 100, 30, 100, 90), (1, 20, 30, 10, 30),
        (45, 200, 30, 5, 60), (15, 15, 15, 60, 15),
    ],
)  # fmt: skip
def test_the_length_that_fits_is_the_nearest_on_the_grid(least, most, step, asked, length):
    given = rules(min_minutes=least, max_minutes=most, granularity_minutes=step)
    assert fitting_length(given, asked) == length * MINUTE


@pytest.mark.parametrize(
    ("step", "hour", "aligned"),
    [
        (60, 9, 9), (60, 9.5, 10), (90, 9.01, 10.5), (45, 23.5, 24), (7, 23.99, 24),
        (1440, 0.1, 24),
        (15, 9 + 1 / 3600, 9.25),
        (61, 9, 9.15),
    ],
)  # fmt: skip
def test_the_grid_begins_with_each_midnight(step, hour, aligned):
    found = align_up(at(hour).start, step, ZONE)
    assert abs((found - at(0).start) / HOUR - aligned) < 1e-5


# --- the nearest time ----------------------------------------------------------------------

FULL_TODAY = Account(
    Quota(1, ("park", ""), "person", "minutes", "day", 60), ZONE, {date(2026, 11, 23): 3600}
)


@pytest.mark.parametrize(
    ("given", "period", "more", "found"),
    [
        ({}, at(7), {}, (9, 10)),
        ({}, at(12), {}, (12, 13)),
        ({"min_minutes": 60, "max_minutes": 60}, at(12), {}, (12, 13)),
        ({"min_minutes": 90}, at(12), {}, (12, 13.5)),
        ({"max_minutes": 30}, at(12), {}, (12, 12.5)),
        ({"min_minutes": 50, "max_minutes": 55}, at(12), {}, None),  # no length is on the grid
        ({"min_minutes": 90, "max_minutes": 30}, at(12), {}, None),
        ({"horizon_days": 1}, at(47.75), {}, (47.75, 48.75)),
        ({"horizon_days": 1}, at(48), {}, (24, 25)),  # the last day that is open
        ({"horizon_days": 0}, at(48), {}, (9, 10)),  # of today what is to come
        ({"horizon_days": 0}, at(48), {"now": at(23.9).start}, None),
        ({"horizon_days": 0, "granularity_minutes": 60}, at(23.5), {}, None),
        ({"opening_hours": OFFICE}, at(17), {}, (17, 18)),
        ({"opening_hours": OFFICE}, at(17.25), {}, (17.25, 18)),  # ended at closing
        ({"opening_hours": OFFICE}, at(17.5), {}, (17.5, 18)),
        ({"opening_hours": OFFICE}, at(17.75), {}, (32, 33)),  # not half of it would be left
        ({"opening_hours": OFFICE}, at(17.3), {}, (32, 33)),  # no start of the grid
        ({"opening_hours": OFFICE, "min_minutes": 60}, at(17.25), {}, (32, 33)),
        ({"opening_hours": OFFICE, "granularity_minutes": 30}, at(17), {}, (17, 18)),
        ({"opening_hours": OFFICE}, at(17.25), {"now": at(17.3).start}, (32, 33)),  # has begun
        ({"opening_hours": OFFICE, "horizon_days": 0}, at(41.25), {}, (9, 10)),
        ({"opening_hours": OFFICE}, at(17.25), {"accounts": (FULL_TODAY,)}, (32, 33)),
        ({"opening_hours": WeeklyHours.parse("1 08:00-09:00")}, at(10), {}, (176, 177)),
        ({"opening_hours": WeeklyHours(())}, at(10), {}, None),
        ({}, at(10), {"accounts": (FULL_TODAY,)}, (24, 25)),
        ({"opening_hours": WeeklyHours.every_day(480, 1080)}, at(10), {"accounts": (FULL_TODAY,)},
         (32, 33)),
        ({"create_latest_minutes": 90}, at(9), {}, (10.5, 11.5)),
    ],
)  # fmt: skip
def test_the_nearest_time(given, period, more, found):
    near = nearest(rules(**given), propose(period, **more))
    assert (near and hours([near])[0]) == found


def test_the_nearest_time_is_looked_for_within_two_weeks():
    open_at = Calendar({date(2026, 11, 23) + n * DAY: "holiday" for n in range(14)})
    closed = rules(holidays="closed")
    assert nearest(closed, propose(at(0.5), calendar=open_at, now=at(0.25).start)) == at(14 * 24)
    assert nearest(closed, propose(at(0), calendar=open_at, now=at(0).start)) == at(14 * 24)
    longer = Calendar({date(2026, 11, 23) + n * DAY: "holiday" for n in range(15)})
    assert nearest(closed, propose(at(9), calendar=longer)) is None


def test_a_qualification_without_an_end_lasts_for_ever():
    assert Person(7, (Qualified(1),)).qualified_until(1) == datetime(9999, 1, 1, tzinfo=UTC)
    ends = (Qualified(1, at(9).start), Qualified(2, at(8).start), Qualified(2, at(7).start))
    person = Person(7, ends)
    assert [person.qualified_until(level) for level in (1, 2, 3)] == [
        at(9).start, at(8).start, None,
    ]  # fmt: skip
