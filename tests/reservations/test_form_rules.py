"""What is asked for, checked for form: each unfit field by name, with what it may be."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.errors import Invalid
from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.reservations.rules.dealing import CANCEL, KEEP, MOVE, Dealing, require_fates
from booking.reservations.rules.draws import MOST_ENTRIES, RECENT
from booking.reservations.rules.finding import Score, Weights, score, weekly
from booking.reservations.rules.groups import (
    ChainWanted,
    SeriesWanted,
    digest,
    require_chain,
    require_parts,
    require_title,
    series_parts,
)
from booking.reservations.rules.proposal import (
    BookingRequest,
    bounded_period,
    require_form,
    require_period,
    require_text,
)
from booking.reservations.rules.rrule import parse_rule
from booking.reservations.rules.waiting import (
    MOST_WAITING,
    TOLD_EVERY,
    Wish,
    earliest,
    offer_until,
    require_wish,
)

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ASKED = BookingRequest(NINE, NINE + HOUR, pool_id=1)
WISH = Wish("offer", NINE, NINE + 3 * HOUR, 60, pool_id=1)
NOW = NINE - DAY


def refusal(work, *arguments):
    """Return (code, field, parameters) of what is refused."""
    with pytest.raises(Invalid) as refused:
        work(*arguments)
    return refused.value.code, refused.value.field, refused.value.parameters


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"pool_id": None}, ("pool_or_unit", "pool_id", {})),
        ({"unit_id": 1}, ("pool_or_unit", "pool_id", {})),
        ({"quantity": 0}, ("quantity_invalid", "quantity", {"actual": 0})),
        ({"pool_id": None, "unit_id": 1, "quantity": 2},
         ("one_named_unit", "quantity", {"actual": 2})),
        ({"pool_id": None, "unit_id": 1, "preferred_unit_ids": (1,)},
         ("named_or_preferred", "preferred_unit_ids", {})),
        ({"preferred_unit_ids": tuple(range(21))},
         ("too_many_preferred", "preferred_unit_ids", {"limit": 20})),
        ({"purpose": "fun"}, ("unknown_purpose", "purpose", {"actual": "fun"})),
        ({"note": "x" * 2001}, ("too_long_text", "note", {"limit": 2000})),
        ({"override_reason": "x" * 2001}, ("too_long_text", "override_reason", {"limit": 2000})),
        ({"answers": {str(n): n for n in range(41)}},
         ("too_many_answers", "answers", {"limit": 40})),
        ({"start": NINE + timedelta(seconds=1)},
         ("whole_minutes", "start", {"actual": "2026-11-24T09:00:01+00:00"})),
        ({"end": NINE + timedelta(hours=1, microseconds=1)},
         ("whole_minutes", "end", {"actual": "2026-11-24T10:00:00.000001+00:00"})),
        ({"end": NINE}, ("end_before_start", "end", {})),
        ({"end": NINE + 366 * DAY + MINUTE}, ("too_long_period", "end", {"limit": 366})),
        ({"start": NINE.replace(year=1969)}, ("out_of_reach", "start", {})),
        ({"end": NINE.replace(year=9001)}, ("out_of_reach", "end", {})),
    ],
)  # fmt: skip
def test_an_unfit_field_of_a_request_is_named(more, told):
    assert refusal(require_form, replace(ASKED, **more)) == told


@pytest.mark.parametrize(
    "more",
    [
        {}, {"pool_id": None, "unit_id": 1}, {"quantity": 9}, {"note": "x" * 2000},
        {"preferred_unit_ids": tuple(range(20))}, {"purpose": "other"},
        {"purpose": "development"}, {"purpose": "teaching"},
        {"answers": {str(n): n for n in range(40)}},
    ],
)  # fmt: skip
def test_a_request_at_its_bounds_passes(more):
    assert require_form(replace(ASKED, **more)) == Period(NINE, NINE + HOUR)


def test_periods_at_their_bounds_pass():
    assert require_period(NINE, NINE + 366 * DAY).length == 366 * DAY
    assert require_period(NINE, NINE + MINUTE).minutes == 1
    first, last = NINE.replace(year=1970), NINE.replace(year=9000)
    assert bounded_period(first, first + HOUR).start == first
    assert bounded_period(last - HOUR, last).end == last
    assert refusal(require_text, "note", "\ud800") == ("unkeepable_text", "note", {})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"kind": "hope"}, ("unknown_waiting", "kind", {"actual": "hope"})),
        ({"pool_id": None}, ("pool_or_unit", "pool_id", {})),
        ({"unit_id": 3}, ("pool_or_unit", "pool_id", {})),
        ({"quantity": 0}, ("quantity_invalid", "quantity", {"actual": 0})),
        ({"pool_id": None, "unit_id": 3, "quantity": 2},
         ("one_named_unit", "quantity", {"actual": 2})),
        ({"purpose": "fun"}, ("unknown_purpose", "purpose", {"actual": "fun"})),
        ({"note": "x" * 2001}, ("too_long_text", "note", {"limit": 2000})),
        ({"minutes": 0}, ("minutes_invalid", "minutes", {"actual": 0})),
        ({"minutes": 366 * 1440 + 1}, ("minutes_invalid", "minutes", {"actual": 366 * 1440 + 1})),
        ({"minutes": 181}, ("window_too_short", "end", {"actual": 181})),
    ],
)  # fmt: skip
def test_an_unfit_field_of_a_wish_is_named(more, told):
    assert refusal(require_wish, replace(WISH, **more), NOW) == told


@pytest.mark.parametrize(
    "more",
    [{}, {"minutes": 180}, {"minutes": 1}, {"kind": "notice"}, {"pool_id": None, "unit_id": 3},
     {"kind": "move_up", "pool_id": None}, {"quantity": 2}],
)  # fmt: skip
def test_a_wish_at_its_bounds_passes(more):
    assert require_wish(replace(WISH, **more), NOW) == Period(NINE, NINE + 3 * HOUR)


def test_limits_are_what_pages_and_documents_say():
    assert (MOST_WAITING, TOLD_EVERY) == (10, HOUR)
    assert (MOST_ENTRIES, RECENT) == (10, 90 * DAY)


def test_a_wish_may_last_as_long_as_a_reservation():
    year = replace(WISH, last=NINE + 366 * DAY, minutes=366 * 1440)
    assert require_wish(year, NOW).length == 366 * DAY


def test_an_offer_leaves_five_minutes_and_ends_at_the_start():
    window = Period(NINE, NINE + 3 * HOUR)
    assert earliest(window, NINE - 5 * MINUTE) == NINE
    assert earliest(window, NINE) == NINE + 5 * MINUTE
    assert earliest(window, NINE + timedelta(seconds=1)) == NINE + 6 * MINUTE
    assert earliest(window, NINE + timedelta(microseconds=1)) == NINE + 6 * MINUTE
    assert offer_until(NINE, 30, NINE + HOUR) == NINE + 30 * MINUTE
    assert offer_until(NINE, 90, NINE + HOUR) == NINE + HOUR


# --- groups ------------------------------------------------------------------------------


def chain(gaps=((0, None),), until=None, parts=2):
    return ChainWanted((ASKED,) * parts, tuple(gaps), until)


LONGEST = 14 * 24 * 60


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (chain(parts=1, gaps=()), ("out_of_range", "parts", {"least": 2, "most": 8, "actual": 1})),
        (chain(parts=9, gaps=((0, None),) * 8),
         ("out_of_range", "parts", {"least": 2, "most": 8, "actual": 9})),
        (chain(gaps=()), ("gaps_needed", "parts", {})),
        (chain(gaps=((-1, None),)),
         ("out_of_range", "gap", {"least": 0, "most": LONGEST, "actual": -1})),
        (chain(gaps=((5, 4),)),
         ("out_of_range", "gap", {"least": 0, "most": LONGEST, "actual": 5})),
        (chain(gaps=((0, LONGEST + 1),)),
         ("out_of_range", "gap", {"least": 0, "most": LONGEST, "actual": 0})),
        (chain(until=NINE), ("too_long_period", "until", {"limit": 31})),
        (chain(until=NINE + 31 * DAY + MINUTE), ("too_long_period", "until", {"limit": 31})),
    ],
)  # fmt: skip
def test_an_unfit_chain_is_named(wanted, told):
    assert refusal(require_chain, wanted) == told


@pytest.mark.parametrize(
    "wanted",
    [chain(), chain(parts=8, gaps=((0, 0),) * 7), chain(gaps=((LONGEST, None),)),
     chain(gaps=((5, LONGEST),)), chain(until=NINE + MINUTE), chain(until=NINE + 31 * DAY)],
)  # fmt: skip
def test_a_chain_at_its_bounds_passes(wanted):
    require_chain(wanted)
    assert [s.least_gap for s in wanted.steps[1:]] == [least * MINUTE for least, _ in wanted.gaps]
    assert wanted.steps[0].length == HOUR


def test_a_bundle_has_up_to_twenty_parts_and_a_title_of_its_length():
    require_parts([ASKED] * 20, "bundle")
    for count in (1, 21):
        told = {"least": 2, "most": 20, "actual": count}
        assert refusal(require_parts, [ASKED] * count, "bundle") == ("out_of_range", "parts", told)
    assert require_title("  " + "x" * 120 + " ") == "x" * 120
    assert refusal(require_title, "x" * 121) == ("too_long_text", "title", {"limit": 120})
    assert refusal(require_title, "\ud800") == ("unkeepable_text", "title", {})


def test_the_end_of_a_chain_is_measured_from_its_first_part():
    later = replace(ASKED, start=NINE + 2 * DAY, end=NINE + 2 * DAY + HOUR)
    asked = ChainWanted((ASKED, later), ((0, None),), NINE + DAY)
    require_chain(asked)
    late = replace(asked, until=NINE + 32 * DAY)
    assert refusal(require_chain, late) == ("too_long_period", "until", {"limit": 31})


def test_the_parts_of_a_series_keep_their_places_and_days():
    rule = parse_rule("FREQ=DAILY;COUNT=3", [date(2026, 11, 25)])
    keyed = replace(ASKED, idempotency_key="k")
    parts = series_parts(SeriesWanted(keyed, rule), Period(NINE, NINE + HOUR), ZoneInfo("UTC"))
    assert [(p.position, p.day, p.request.start, p.request.end) for p in parts] == [
        (0, "2026-11-24", NINE, NINE + HOUR),
        (2, "2026-11-26", NINE + 2 * DAY, NINE + 2 * DAY + HOUR),
    ]
    assert {p.request.idempotency_key for p in parts} == {None}


def test_the_same_preview_has_the_same_hash():
    one, two = (0, Period(NINE, NINE + HOUR)), (1, Period(NINE + DAY, NINE + DAY + HOUR))
    assert digest([one, two]) == digest([two, one])
    assert len(digest([one, two])) == 16
    assert digest([one]) != digest([two])
    assert digest([one]) != digest([(0, Period(NINE, NINE + 2 * HOUR))])


# --- what becomes of what is hit; what is looked for ---------------------------------------


def test_what_becomes_of_each_is_decided_and_nobody_loses_it_for_nothing():
    decided = Dealing({1: MOVE}, rest=KEEP)
    assert (decided.fate(1), decided.fate(2), Dealing().fate(1)) == (MOVE, KEEP, None)
    require_fates(decided)
    require_fates(Dealing(rest=CANCEL, reason="broken"))
    require_fates(Dealing({1: MOVE, 2: KEEP}, CANCEL, "broken"))
    for lost in (Dealing(rest=CANCEL), Dealing({1: CANCEL}, reason="  ")):
        assert refusal(require_fates, lost) == ("reason_needed", "reason", {})
    assert refusal(require_fates, Dealing({1: "sell"})) == ("unknown_choice", "rest", {})


@pytest.mark.parametrize(
    ("asked", "hours"),
    [
        (((), None, None), None),
        (((), 480, 720), WeeklyHours.every_day(480, 720)),
        (((3, 1, 3), None, None), WeeklyHours.parse("1 00:00-24:00;3 00:00-24:00")),
        (((5,), 1320, 360), WeeklyHours.parse("5 22:00-30:00")),
        (((), None, 720), WeeklyHours.every_day(0, 720)),
        (((), 720, None), WeeklyHours.every_day(720, 1440)),
        (((1,), 600, 600), WeeklyHours.parse("1 10:00-34:00")),
    ],
)
def test_the_hours_looked_in(asked, hours):
    assert weekly(*asked) == hours


@pytest.mark.parametrize(
    ("wait", "slack", "weights", "near", "marks"),
    [
        (0, 0, (1, 1, 1), True, Score(100, 100, 100, 100)),
        (7, 12, (1, 1, 1), None, Score(50, 50, 50, 50)),
        (14, 24, (4, 2, 2), False, Score(0, 0, 0, 0)),
        (99, 99, (1, 0, 0), True, Score(0, 0, 0, 100)),
        (7, 0, (2, 1, 1), False, Score(50, 50, 100, 0)),
        (7, 0, (0, 0, 0), True, Score(83, 50, 100, 100)),
    ],
)
def test_marks_fall_with_waiting_and_with_time_left_over(wait, slack, weights, near, marks):
    assert score(wait * DAY, slack * HOUR, Weights(*weights), near=near) == marks
