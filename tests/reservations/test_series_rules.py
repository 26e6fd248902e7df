"""A series cut in two, moved and given new days; steps and draws at their bounds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.errors import Invalid, RuleViolated, Violation
from booking.core.period import Period
from booking.reservations.rules.calibration import days_left, warns
from booking.reservations.rules.draws import (
    Entrant,
    Use,
    is_being_drawn,
    is_collected,
    lot,
    places,
    sealed,
)
from booking.reservations.rules.groups import ChainWanted, Series
from booking.reservations.rules.proposal import BookingRequest
from booking.reservations.rules.recurrence import Occurrence, Recurrence, rule_days
from booking.reservations.rules.rerule import Pairing, paired
from booking.reservations.rules.sequences import Step, common_starts, earliest_sequence

XIAN = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
wall = datetime.fromisoformat  # local times, without a zone
TUESDAY = wall("2026-11-24T09:00")


def day(number):
    """Return the day so many after Tuesday, 24 November."""
    return TUESDAY.date() + timedelta(days=number)


def series(rule, first=TUESDAY):
    return Series(rule, first, XIAN)


# --- a series in parts ---------------------------------------------------------------------

TWICE_A_WEEK = Recurrence(
    "weekly", weekdays=(2, 4), count=5, exceptions=frozenset({day(2), day(7), day(9)})
)


def test_the_days_of_a_series_count_its_exceptions():
    assert series(TWICE_A_WEEK).days() == [day(n) for n in (0, 2, 7, 9, 14)]


def test_a_series_is_cut_before_a_day():
    before, since = series(TWICE_A_WEEK).before(2), series(TWICE_A_WEEK).since(2)
    assert before.rule == replace(TWICE_A_WEEK, count=2, exceptions=frozenset({day(2)}))
    assert before.days() == [day(0), day(2)]
    assert since.rule == replace(TWICE_A_WEEK, count=3, exceptions=frozenset({day(7), day(9)}))
    assert (since.first, since.days()) == (wall("2026-12-01T09:00"), [day(7), day(9), day(14)])
    assert (before.first, before.zone, since.zone) == (TUESDAY, XIAN, XIAN)


def test_a_series_with_an_end_is_cut_by_count():
    daily = series(Recurrence("daily", until=day(4)))
    assert daily.before(4).rule == Recurrence("daily", count=4)
    assert daily.since(4).rule == Recurrence("daily", count=1)
    assert daily.since(0).rule == Recurrence("daily", count=5)


@pytest.mark.parametrize(
    ("by", "weekdays"),
    [(0, (2, 4)), (1, (3, 5)), (-1, (1, 3)), (3, (5, 7)), (2, (4, 6))],
)
def test_a_series_moves_with_its_weekdays_and_exceptions(by, weekdays):
    start = TUESDAY + timedelta(days=by, hours=1)
    moved = series(TWICE_A_WEEK).moved(start)
    exceptions = frozenset(day(n + by) for n in (2, 7, 9))
    assert moved.rule == replace(TWICE_A_WEEK, weekdays=weekdays, exceptions=exceptions)
    assert (moved.first, moved.days()) == (start, [day(n + by) for n in (0, 2, 7, 9, 14)])


def test_a_weekday_past_sunday_is_monday():
    weekly = series(Recurrence("weekly", weekdays=(7,), count=3), wall("2026-11-29T09:00"))
    assert weekly.moved(wall("2026-11-30T09:00")).rule.weekdays == (1,)
    back = series(Recurrence("weekly", weekdays=(1,), count=3), wall("2026-11-30T09:00"))
    assert back.moved(wall("2026-11-29T09:00")).rule.weekdays == (7,)


def test_days_that_no_rule_of_its_kind_says_are_refused():
    monthly = series(Recurrence("monthly", nth=((4, 2),), count=3))
    assert monthly.moved(TUESDAY + HOUR).rule == monthly.rule  # another hour only
    with pytest.raises(Invalid) as refused:
        monthly.moved(TUESDAY + timedelta(days=1))
    assert (refused.value.code, refused.value.field) == ("series_day_shift", "start")


# --- a series given other days -------------------------------------------------------------


def on(*numbers):
    return [Occurrence(day(n), at(n)) for n in numbers]


def at(number):
    return Period(NINE + timedelta(days=number), NINE + timedelta(days=number) + HOUR)


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ((), (), Pairing((), (), (), ())),
        ((0, 7), (0, 7), Pairing(((0, 0), (1, 1)), (), (), ())),
        ((0, 7), (1, 8), Pairing((), ((0, 0), (1, 1)), (), ())),
        ((0, 7, 14), (1, 7), Pairing(((1, 1),), ((0, 0),), (), (2,))),
        ((0, 7), (7, 8, 9, 10), Pairing(((1, 0),), ((0, 1),), (2, 3), ())),
        ((0, 7), (), Pairing((), (), (), (0, 1))),
        ((), (0, 7), Pairing((), (), (0, 1), ())),
    ],
)
def test_what_has_its_time_stays_and_the_others_move_in_order(old, new, pairs):
    assert paired([at(n) for n in old], on(*new)) == pairs


# --- rules that repeat, where they are easily a day off ------------------------------------


@pytest.mark.parametrize(
    ("rule", "first", "days"),
    [
        # The year goes on after December, by any number of months.
        (Recurrence("monthly", 1, month_days=(1,), count=1), "2026-11-24",
         ["2026-12-01", "2027-01-01", "2027-02-01"]),
        (Recurrence("monthly", 5, count=1), "2026-12-31",
         ["2026-12-31", "2027-05-31", "2027-10-31"]),
        (Recurrence("monthly", 12, count=1), "2026-12-15", ["2026-12-15", "2027-12-15"]),
        # The first, the last and the fifth of a weekday, whatever the month begins with.
        (Recurrence("monthly", nth=((1, 7), (-1, 7)), count=1), "2026-11-01",
         ["2026-11-01", "2026-11-29", "2026-12-06", "2026-12-27"]),
        (Recurrence("monthly", nth=((5, 1), (5, 2)), count=1), "2026-11-01",
         ["2026-11-30", "2026-12-29", "2027-03-29", "2027-03-30"]),
        (Recurrence("monthly", nth=((-1, 6), (-1, 7)), count=1), "2026-02-01",
         ["2026-02-22", "2026-02-28", "2026-03-28", "2026-03-29"]),
        (Recurrence("monthly", month_days=(30, -1), count=1), "2026-11-01",
         ["2026-11-30", "2026-12-30", "2026-12-31"]),
        # A week begins on Monday, and what lies before the first day is not meant.
        (Recurrence("weekly", 2, (1, 7), count=1), "2026-11-29",
         ["2026-11-29", "2026-12-07", "2026-12-13"]),
        (Recurrence("weekly", 1, (1, 3), count=1), "2026-11-24",
         ["2026-11-25", "2026-11-30", "2026-12-02"]),
        (Recurrence("weekly", 3, count=1), "2026-11-24", ["2026-11-24", "2026-12-15"]),
    ],
)  # fmt: skip
def test_the_days_of_a_rule_in_order(rule, first, days):
    found = rule_days(rule, date.fromisoformat(first))
    assert [next(found).isoformat() for _ in days] == days


@pytest.mark.parametrize(
    ("rule", "first", "last"),
    [
        (Recurrence("daily", 1, count=1), "2026-11-24", "2028-11-24"),  # 731 days: a leap year
        (Recurrence("weekly", 1, count=1), "2026-11-24", "2028-11-21"),
        (Recurrence("weekly", 1, (5,), count=1), "2026-11-24", "2028-11-24"),
        (Recurrence("weekly", 1, (6,), count=1), "2026-11-24", "2028-11-18"),
        (Recurrence("monthly", 1, count=1), "2026-11-24", "2028-11-24"),
        (Recurrence("monthly", 1, month_days=(1,), count=1), "2026-12-01", "2028-12-01"),
        (Recurrence("monthly", 1, month_days=(25,), count=1), "2026-11-24", "2028-10-25"),
        (Recurrence("weekly", 1, (1,), count=1), "2026-11-25", "2028-11-20"),
        (Recurrence("weekly", 1, (1,), count=1), "2026-11-27", "2028-11-27"),
    ],
)
def test_a_rule_means_days_of_two_years(rule, first, last):
    assert list(rule_days(rule, date.fromisoformat(first)))[-1].isoformat() == last


# --- steps one after the other -------------------------------------------------------------


def starts(*hours):
    return [NINE + hour * HOUR for hour in hours]


@pytest.mark.parametrize(
    ("gap", "least", "most", "follows"),
    [
        (0, 0, None, True), (-0.25, 0, None, False), (1, 1, 1, True), (0.99, 1, 1, False),
        (1.01, 1, 1, False), (500, 0, None, True), (0, 0, 0, True),
    ],
)  # fmt: skip
def test_a_step_follows_within_its_gap(gap, least, most, follows):
    step = Step(HOUR, least * HOUR, None if most is None else most * HOUR)
    assert step.follows(NINE, NINE + gap * HOUR) is follows


@pytest.mark.parametrize(
    ("steps", "able", "found"),
    [
        ([Step(HOUR)], [starts(3, 4)], [3]),
        ([Step(HOUR)], [[]], None),
        ([Step(HOUR), Step(HOUR)], [starts(0, 1), starts(0, 1, 2)], [0, 1]),
        # The first start has nothing that follows near enough: the first step waits.
        ([Step(HOUR), Step(HOUR, most_gap=HOUR)], [starts(0, 4), starts(3, 5)], [4, 5]),
        ([Step(HOUR), Step(HOUR, HOUR)], [starts(0), starts(1)], None),
        ([Step(HOUR), Step(2 * HOUR), Step(HOUR, most_gap=timedelta())],
         [starts(0, 1, 2), starts(1, 2, 5), starts(4, 7)], [0, 2, 4]),
        ([Step(HOUR), Step(HOUR), Step(HOUR)], [starts(0), starts(1), starts(1)], None),
    ],
)  # fmt: skip
def test_the_earliest_sequence_keeps_every_gap(steps, able, found):
    periods = earliest_sequence(steps, able)
    expected = found and tuple(
        Period(start, start + step.length)
        for start, step in zip(starts(*found), steps, strict=True)
    )
    assert periods == expected


def test_starts_that_all_have():
    assert common_starts([starts(1, 2, 3), starts(2, 3), starts(3, 2, 9)]) == starts(2, 3)
    assert common_starts([starts(1)]) == starts(1)
    assert common_starts([starts(1), []]) == common_starts([]) == []


def test_a_chain_asks_for_lengths_and_gaps():
    asked = BookingRequest(NINE, NINE + HOUR, pool_id=1)
    longer = replace(asked, end=NINE + 3 * HOUR)
    chain = ChainWanted((asked, longer, asked), ((10, 20), (5, None)))
    assert chain.steps == (
        Step(HOUR), Step(3 * HOUR, 10 * MINUTE, 20 * MINUTE), Step(HOUR, 5 * MINUTE),
    )  # fmt: skip


# --- draws and calibrations ----------------------------------------------------------------


def refused(*codes):
    return RuleViolated(tuple(Violation(code, None, None, "pool", ()) for code in codes))


@pytest.mark.parametrize(
    ("codes", "collected", "drawn"),
    [(("fair_opening",), True, False), (("being_drawn",), False, True), (("past",), False, False),
     (("past", "fair_opening"), True, False), (("being_drawn", "too_long"), False, True)],
)  # fmt: skip
def test_what_a_refusal_says_of_a_day_that_opens_fairly(codes, collected, drawn):
    refusal = refused(*codes)
    assert (is_collected(refusal), is_being_drawn(refusal)) == (collected, drawn)


def test_a_place_says_all_that_it_follows_from():
    mine, other = Entrant(4, 11, (1, None), at(0)), Entrant(5, 12, (None, 2), at(0))
    use = Use({11: 30}, {(1, None): 90})
    first, second = places([mine, other], use, "seed")
    assert (first.entry_id, first.rank, first.turn) == (5, 1, 1)
    assert (first.person_minutes, first.party_minutes, first.lot) == (0, 0, lot("seed", 12))
    assert (second.entry_id, second.rank, second.turn) == (4, 2, 1)
    assert (second.person_minutes, second.party_minutes) == (30, 90)


def test_who_has_no_use_at_all_comes_before_who_used_a_minute():
    both = [Entrant(1, 11, (1, None), at(0)), Entrant(2, 12, (2, None), at(0))]
    for use in (Use({11: 1}, {}), Use({}, {(1, None): 1})):
        assert [place.entry_id for place in places(both, use, "s")] == [2, 1]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"period": at(1)}), ({"unit_id": None}, {"unit_id": 3}),
        ({"unit_id": 3}, {"unit_id": 4}), ({}, {"quantity": 2}),
        ({"party": (None, 5)}, {"party": (1, None)}), ({"party": (1, None)}, {"party": (2, None)}),
        ({"party": (None, 1)}, {"party": (None, 2)}), ({"party": (None, None)}, {"party": (1, 0)}),
        ({"quantity": 2}, {"unit_id": 1}), ({"party": (1, None)}, {"party": (1, 1)}),
        ({"party": (None, 5)}, {"party": (1, 5)}),
    ],
)  # fmt: skip
def test_ones_own_requests_go_by_what_they_ask_for(first, second):
    plain = Entrant(1, 11, (1, None), at(0))
    asked = [replace(plain, entry_id=2, **second), replace(plain, **first)]
    assert [(p.entry_id, p.turn) for p in places(asked, Use({}, {}), "s")] == [(1, 1), (2, 2)]


def test_a_lot_and_a_seal_can_be_worked_out_again():
    assert lot("seed", 7) == "0f1c63b88102f461"
    assert sealed("seed").startswith("19b25856e1c150ca")
    assert len(sealed("seed")) == 64


@pytest.mark.parametrize(
    ("days", "warned"), [(31, False), (30, True), (1, True), (0, True), (-1, False)]
)
def test_a_calibration_is_spoken_of_until_its_last_day(days, warned):
    today = date(2026, 11, 23)
    due = today + timedelta(days=days)
    assert days_left(due, today) == days
    assert warns(due, 30, today) is warned
