"""Slots at their bounds: where something may start, on which units, and how well it fits."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.hours import WeeklyHours
from booking.core.period import Period, intersect
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.quotas import Account, Quota
from booking.policies.rules.values import DEFAULTS, Rule
from booking.reservations.rules.slots import (
    Slot,
    UnitFacts,
    all_starts,
    best_units,
    earliest_slots,
    first_start,
    free_starts,
    gap,
    starts_of,
)
from tests.conftest import NOW

XIAN = ZoneInfo("Asia/Shanghai")
HOUR, SECOND, DAY = timedelta(hours=1), timedelta(seconds=1), timedelta(days=1)
RULES = replace(DEFAULTS, granularity_minutes=Rule(30), horizon_days=Rule(2))
ONE, TWO = UnitFacts(1, "in_service", 0, 0), UnitFacts(2, "in_service", 0, 0)
NEVER_HELD: dict[int, list[Period]] = {}


def at(hours):
    """Return a time so many hours after now: 09:00 on a Monday."""
    return NOW + hours * HOUR


def span(start, end):
    return Period(at(start), at(end))


def wants(length=1, quantity=1, **more):
    return Proposal(span(0, length), quantity, NOW, XIAN, 3, insider=True, **more)


def hours(moments):
    return [(moment - NOW) / HOUR for moment in moments]


def spans(periods):
    return [tuple(hours((period.start, period.end))) for period in periods]


# --- how well a period fits ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("blocks", "left_over"),
    [
        ([], 60 * DAY),
        ([span(8, 10)], 30 * DAY),  # touches it before
        ([span(12, 13)], 30 * DAY),  # touches it after
        ([span(7, 9), span(14, 15)], 3 * HOUR),
        ([span(1, 2), span(7, 9), span(14, 15), span(20, 21)], 3 * HOUR),  # the nearest count
        ([span(-2000, -1999), span(2000, 2001)], 60 * DAY),
        ([span(-700, -699.5)], 29 * DAY + 13.5 * HOUR + 30 * DAY),
    ],
)
def test_the_gap_is_the_free_time_left_on_both_sides(blocks, left_over):
    assert gap(blocks, span(10, 12)) == left_over


def test_units_come_best_fit_first_and_only_where_their_buffers_fit():
    loose, tight, warm, cool, held = (
        UnitFacts(5, "in_service", 0, 0), UnitFacts(6, "in_service", 0, 0),
        UnitFacts(7, "in_service", 61, 0), UnitFacts(8, "in_service", 0, 61),
        UnitFacts(9, "in_service", 0, 0),
    )  # fmt: skip
    busy = {6: [span(8, 10)], 7: [span(8, 9)], 8: [span(13, 14)], 9: [span(0, 1), span(11, 12)]}
    ready = best_units([loose, tight, warm, cool, held], busy, span(10, 12))
    assert ready == [tight, loose]
    warm, cool = replace(warm, warmup_minutes=60), replace(cool, cleanup_minutes=60)
    assert best_units([cool, warm], busy, span(10, 12)) == [warm, cool]  # equal: by number


# --- where something may start -------------------------------------------------------------


def test_the_last_start_leaves_just_its_length():
    found = starts_of([span(0, 3), span(5, 5.5), span(6, 7)], HOUR)
    assert found == [Period(at(0), at(2) + SECOND), Period(at(6), at(6) + SECOND)]


@pytest.mark.parametrize(
    ("first", "second", "common"),
    [
        ([], [(0, 9)], []),
        ([(0, 9)], [], []),
        ([(0, 9)], [(1, 2), (3, 4)], [(1, 2), (3, 4)]),
        ([(1, 2), (3, 4)], [(0, 9)], [(1, 2), (3, 4)]),
        ([(0, 2), (3, 5)], [(1, 4)], [(1, 2), (3, 4)]),
        ([(0, 2), (4, 6)], [(2, 4), (5, 7)], [(5, 6)]),  # touching is not meeting
        ([(0, 2), (2, 4)], [(0, 2), (2, 4)], [(0, 2), (2, 4)]),
    ],
)
def test_what_two_lists_of_times_have_in_common(first, second, common):
    assert spans(intersect([span(*s) for s in first], [span(*s) for s in second])) == common


@pytest.mark.parametrize(
    ("window", "starts_in", "first"),
    [
        ((0, 9), None, 0),
        ((-5, 9), None, 0),  # not before now
        ((0.1, 9), None, 0.5),  # on the grid
        ((0.1, 0.5), None, None),  # the window is over where the grid goes on
        ((0.1, 0.6), None, 0.5),
        ((-5, 0), None, None),
        ((8, 30), None, 8),  # at 17:00, one hour before closing
        ((8.1, 30), None, 23),  # next morning
        ((8.1, 23), None, None),
        ((60, 90), None, None),  # past the horizon
        ((0, 9), [(2.2, 2.4), (3, 3.4)], 3),
        ((0, 9), [(20, 30)], None),
        ((0, 9), [], None),
    ],
)
def test_the_first_start_that_time_rules_allow(window, starts_in, first):
    rules = replace(RULES, opening_hours=Rule(WeeklyHours.every_day(8 * 60, 18 * 60)))
    limited = None if starts_in is None else [span(*s) for s in starts_in]
    found = first_start(rules, wants(), span(*window), limited)
    assert (found and (found - NOW) / HOUR) == first


def test_a_start_may_be_off_the_grid_where_any_unit_is_free():
    warm = UnitFacts(1, "in_service", 30, 60)
    busy = {1: [span(2, 3)], 2: [span(0, 4), span(5, 90)]}
    assert spans(free_starts(RULES, wants(), [warm], busy, span(0, 6))) == [
        (0, 1 / 3600), (3.5, 6 + 1 / 3600),
    ]  # fmt: skip
    assert free_starts(RULES, wants(), [warm, TWO], busy, span(0, 6)) == free_starts(
        RULES, wants(), [warm], busy, span(0, 6)
    )  # what the other has free lies within
    assert spans(free_starts(RULES, wants(), [TWO], busy, span(0, 6))) == [(4, 4 + 1 / 3600)]


@pytest.mark.parametrize(
    ("quantity", "window", "busy", "found"),
    [
        (1, (0, 2), {}, [0, 0.5, 1, 1.5]),
        (1, (-4, 1), {}, [0, 0.5]),
        (1, (0.2, 1.2), {}, [0.5, 1]),
        (1, (0, 4), {1: [(1, 2)], 2: [(0.5, 3)]}, [0, 2, 2.5, 3, 3.5]),
        (2, (0, 4.5), {1: [(1, 2)], 2: [(0, 0.5), (3, 3.4)]}, [2, 3.5, 4]),
        (2, (0, 3), {1: [(0, 9)]}, []),
        (3, (0, 3), {}, []),
        (1, (37.5, 50), {}, [37.5, 38, 38.5]),  # the horizon ends at midnight
        (1, (-3, 0), {}, []),
        (1, (0, 3), {1: [(0, 9)], 2: [(1, 9)]}, [0]),
    ],
)
def test_every_start_at_which_enough_units_are_free(quantity, window, busy, found):
    held = {unit: [span(*block) for block in blocks] for unit, blocks in busy.items()}
    proposal = replace(wants(), quantity=quantity)
    rules = replace(RULES, horizon_days=Rule(1))
    assert hours(all_starts(rules, proposal, [ONE, TWO], held, span(*window))) == found


# --- the earliest slots --------------------------------------------------------------------


def slots(proposal=None, units=(ONE, TWO), busy=NEVER_HELD, window=(0, 9), limit=3, **more):
    found = earliest_slots(
        more.pop("rules", RULES), proposal or wants(), units, busy, span(*window), limit, **more
    )
    return [((slot.period.start - NOW) / HOUR, slot.unit_ids) for slot in found]


@pytest.mark.parametrize(
    ("window", "limit", "starts"),
    [
        ((0, 9), 3, [0, 1, 2]), ((0, 9), 1, [0]), ((0, 9), 0, []), ((0, 2), 9, [0, 1]),
        ((0, 1.1), 9, [0, 1]), ((-9, 0.5), 9, [0]), ((-9, 0), 9, []),
        ((0.2, 3), 9, [0.5, 1.5, 2.5]), ((60, 70), 2, [60, 61]),
        ((62, 70), 9, [62]), ((63, 70), 9, []),
    ],
)  # fmt: skip
def test_slots_start_within_the_window_and_the_horizon(window, limit, starts):
    assert [start for start, _ in slots(window=window, limit=limit)] == starts


def test_a_slot_says_which_units_and_how_much_is_left_around_them():
    busy = {1: [span(2, 3)], 2: [span(1, 2), span(4, 5)]}
    [only] = earliest_slots(RULES, wants(1, 2), [ONE, TWO], busy, span(0, 9), 1)
    assert only == Slot(span(0, 1), (2, 1), 30 * DAY + HOUR)
    found = slots(wants(1, 2), busy=busy, limit=2)
    assert found == [(0, (2, 1)), (3, (2, 1))]
    assert slots(busy=busy, limit=4) == [(0, (2,)), (1, (1,)), (2, (2,)), (3, (2,))]


def test_what_is_refused_is_left_out_and_looked_past():
    later = slots(passes=lambda period: period.start >= at(1.5), limit=2)
    assert [start for start, _ in later] == [1.5, 2.5]
    never = slots(passes=lambda _period: False)
    assert never == []
    some = slots(passes=lambda period: period.start != at(1), limit=3)
    assert [start for start, _ in some] == [0, 1.5, 2.5]


def test_on_a_grid_of_minutes_no_minute_is_skipped():
    minutely, window = replace(RULES, granularity_minutes=Rule(1)), span(0, 3 / 60)
    every = all_starts(minutely, wants(), [ONE], {}, window)
    assert every == [NOW + n * timedelta(minutes=1) for n in range(3)]
    [slot] = earliest_slots(
        minutely, wants(), [ONE], {}, window, 1, passes=lambda period: period.start == every[1]
    )
    assert slot.period.start == every[1]


def test_starts_may_be_limited_to_some_times():
    found = slots(starts_in=[span(1.2, 1.6), span(3, 3.1), span(5, 9)], limit=9)
    assert [start for start, _ in found] == [1.5, 3, 5, 6, 7, 8]
    assert slots(starts_in=[]) == []


def test_quotas_move_a_slot_to_where_they_leave_enough():
    day = Quota(1, ("park", ""), "person", "minutes", "day", 60)
    full = Account(day, XIAN, {NOW.astimezone(XIAN).date(): 3600})
    assert slots(wants(accounts=(full,)), window=(0, 30), limit=2) == [(15, (1,)), (16, (1,))]
    ahead = replace(full, quota=replace(day, period="future", amount=0))
    assert slots(wants(accounts=(ahead,)), window=(1, 30)) == []
