"""Rules that repeat: which days they mean, their text, their bounds; dateutil as the oracle."""

import time as clock
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil import tz
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.core.errors import Invalid
from booking.reservations.rules.recurrence import MOST_DAYS, Recurrence, nth_of, occurrences
from booking.reservations.rules.rrule import parse_rule, rule_text
from tests.reservations.oracle import DUBLIN, changes, oracle

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
wall = datetime.fromisoformat  # local times, without a zone
MONDAY = wall("2026-11-23T09:00")


def days(text, first=MONDAY, zone=SHANGHAI, exceptions=()):
    found = occurrences(parse_rule(text, exceptions), first, HOUR, zone)
    return [occurrence.day.isoformat() for occurrence in found]


# --- the days a rule means ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=DAILY;COUNT=3", ["2026-11-23", "2026-11-24", "2026-11-25"]),
        ("FREQ=DAILY;INTERVAL=3;COUNT=2", ["2026-11-23", "2026-11-26"]),
        ("FREQ=DAILY;UNTIL=20261125", ["2026-11-23", "2026-11-24", "2026-11-25"]),  # inclusive
        ("FREQ=DAILY;UNTIL=20261125T010000Z", ["2026-11-23", "2026-11-24", "2026-11-25"]),
        ("FREQ=DAILY;UNTIL=20261125T005959Z", ["2026-11-23", "2026-11-24"]),  # before 09:00 there
        ("FREQ=WEEKLY;COUNT=2", ["2026-11-23", "2026-11-30"]),
        ("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3", ["2026-11-24", "2026-11-26", "2026-12-01"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=3", ["2026-11-23", "2026-11-29", "2026-12-07"]),
        ("FREQ=MONTHLY;COUNT=2", ["2026-11-23", "2026-12-23"]),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1;COUNT=3", ["2026-11-30", "2026-12-01", "2026-12-31"]),
        ("FREQ=MONTHLY;BYDAY=4MO;COUNT=2", ["2026-11-23", "2026-12-28"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["2026-11-27", "2026-12-25"]),
    ],
)
def test_a_rule_means_these_days(text, expected):
    assert days(text) == expected


def test_a_31st_skips_short_months_and_the_last_day_does_not():
    first = wall("2026-12-31T09:00")

    assert days("FREQ=MONTHLY;COUNT=4", first) == [
        "2026-12-31", "2027-01-31", "2027-03-31", "2027-05-31",
    ]  # fmt: skip
    assert days("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", first) == [
        "2026-12-31", "2027-01-31", "2027-02-28",
    ]  # fmt: skip


def test_a_fifth_monday_skips_months_without_one():
    found = days("FREQ=MONTHLY;BYDAY=5MO;COUNT=3")

    assert found == ["2026-11-30", "2027-03-29", "2027-05-31"]
    assert [nth_of(date.fromisoformat(day)) for day in found] == [(5, True)] * 3


def test_every_second_day_keeps_its_local_time_across_daylight_saving():
    found = occurrences(
        parse_rule("FREQ=DAILY;INTERVAL=2;UNTIL=20270402"),
        wall("2027-02-12T08:30"), HOUR, ZoneInfo("America/Chicago"),
    )  # fmt: skip
    local = [o.period.start.astimezone(ZoneInfo("America/Chicago")) for o in found]

    assert {moment.time() for moment in local} == {time(8, 30)}
    assert len(found[1:]) == 24  # repeated 24 times after the first
    assert found[-1].day == date(2027, 4, 1)
    assert {moment.utcoffset() for moment in local} == {-6 * HOUR, -5 * HOUR}


def test_exceptions_are_left_out_and_still_counted():
    assert days("FREQ=DAILY;COUNT=3", exceptions=[date(2026, 11, 24)]) == [
        "2026-11-23", "2026-11-25",
    ]  # fmt: skip


def test_a_skipped_time_comes_later_and_a_repeated_one_is_the_first():
    berlin = ZoneInfo("Europe/Berlin")
    gap = occurrences(parse_rule("FREQ=DAILY;COUNT=2"), wall("2027-03-27T02:30"), HOUR, berlin)
    fold = occurrences(parse_rule("FREQ=DAILY;COUNT=2"), wall("2027-10-30T02:30"), HOUR, berlin)

    assert gap[1].period.start == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)  # 03:30 there
    assert fold[1].period.start == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert {o.period.length for o in (*gap, *fold)} == {HOUR}


# --- an independent oracle ---------------------------------------------------------------


def test_dublin_whose_winter_time_is_the_exception():
    """Its daylight saving is negative in the tables, which dateutil 2.9 takes an hour wrong."""
    found = [
        occurrences(
            parse_rule("FREQ=DAILY;COUNT=1"), wall(f"2026-10-25T{at}"), HOUR, ZoneInfo("Eire")
        )[0].period.start
        for at in ("00:30", "01:30", "02:00")
    ]

    hours = ["2026-10-24T23:30", "2026-10-25T00:30", "2026-10-25T02:00"]
    assert found == [wall(hour).replace(tzinfo=UTC) for hour in hours]


def test_every_zone_to_2031_agrees_with_the_oracle():
    rule = Recurrence("daily", count=4)
    compared = wrong = 0
    for name in sorted(available_timezones() - DUBLIN):
        zone, theirs = ZoneInfo(name), tz.gettz(name)
        for noon in changes(zone) or [wall("2026-03-28T12:00"), wall("2030-10-26T12:00")]:
            for at in (time(0, 30), time(1, 30), time(2), time(2, 30), time(23, 45)):
                first = datetime.combine(noon.date() - timedelta(days=1), at)
                mine = [o.period.start for o in occurrences(rule, first, HOUR, zone)]
                compared += len(mine)
                wrong += mine != oracle(rule, first, theirs)

    assert compared > 60_000
    assert wrong == 0


firsts = st.datetimes(wall("2026-01-01T00:00"), wall("2031-12-31T00:00")).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
ends = st.one_of(
    st.integers(1, 40).map(lambda count: {"count": count}),
    st.integers(0, 600).map(lambda after: {"after": after}),
)
weekday = st.integers(1, 7)
shapes = st.one_of(
    st.just({"frequency": "daily"}),
    st.frozensets(weekday, max_size=3).map(
        lambda chosen: {"frequency": "weekly", "weekdays": tuple(sorted(chosen))}
    ),
    st.frozensets(st.integers(1, 31) | st.just(-1), max_size=2).map(
        lambda chosen: {"frequency": "monthly", "month_days": tuple(sorted(chosen))}
    ),
    st.frozensets(st.tuples(st.integers(1, 5) | st.just(-1), weekday), min_size=1, max_size=2).map(
        lambda chosen: {"frequency": "monthly", "nth": tuple(sorted(chosen))}
    ),
)


@settings(max_examples=300, deadline=None)
@given(shapes, st.integers(1, 5), ends, firsts)
def test_any_rule_agrees_with_the_oracle_and_with_its_own_text(shape, interval, end, first):
    if "after" in end:
        end = {"until": first.date() + timedelta(days=end["after"])}
    rule = Recurrence(interval=interval, **shape, **end)
    assert parse_rule(rule_text(rule)) == rule
    berlin = ZoneInfo("Europe/Berlin")

    try:
        mine = [o.period.start for o in occurrences(rule, first, HOUR, berlin)]
    except Invalid as refused:
        theirs = oracle(rule, first, tz.gettz("Europe/Berlin")) if rule.until else None
        expected = {"series_empty": theirs == [], "series_too_many": len(theirs or ()) > 366}
        assert expected.get(refused.code, refused.code == "series_too_far")  # noqa: PT017
        return
    assert mine == oracle(rule, first, tz.gettz("Europe/Berlin"))


# --- text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", ""),
        ("COUNT=3", "FREQ"),
        ("FREQ=HOURLY;COUNT=3", "FREQ"),
        ("FREQ=YEARLY;COUNT=3", "FREQ"),
        ("FREQ=SECONDLY;COUNT=3", "FREQ"),
        ("FREQ=DAILY;COUNT=3;BYHOUR=9", "BYHOUR"),
        ("FREQ=DAILY;COUNT=3;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=DAILY;COUNT=3;COUNT=4", "COUNT=4"),
        ("FREQ=DAILY;COUNT=-3", "COUNT"),
        ("FREQ=DAILY;COUNT=99999999999", "COUNT"),
        ("FREQ=DAILY;COUNT=٣", "COUNT"),
        ("FREQ=DAILY;INTERVAL=x;COUNT=1", "INTERVAL"),
        ("FREQ=DAILY;BYDAY=MO;COUNT=1", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=1MO;COUNT=1", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=1", "BYDAY"),
        ("FREQ=WEEKLY;WKST=SU;COUNT=1", "WKST"),
        ("FREQ=MONTHLY;BYDAY=MO;COUNT=1", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=6MO;COUNT=1", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=0MO;COUNT=1", "BYDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=1", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2;COUNT=1", "BYMONTHDAY"),
        ("FREQ=DAILY;BYMONTHDAY=1;COUNT=1", "BYMONTHDAY"),
        ("FREQ=WEEKLY;UNTIL=20270230", "UNTIL"),
        ("FREQ=WEEKLY;UNTIL=20270201T090000", "UNTIL"),
        ("FREQ=DAILY;COUNT=1\nEXDATE:20270101", "COUNT"),
    ],
)
def test_a_part_that_is_not_read_is_named(text, part):
    with pytest.raises(Invalid) as refused:
        parse_rule(text)

    assert refused.value.code == "rule_part"
    assert refused.value.parameters["part"] == part


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FREQ=DAILY", "count_or_until"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "count_or_until"),
        ("FREQ=DAILY;INTERVAL=0;COUNT=3", "out_of_range"),  # dateutil never ends on this one
        ("FREQ=DAILY;COUNT=0", "out_of_range"),
        ("FREQ=DAILY;COUNT=367", "out_of_range"),
        ("FREQ=DAILY;UNTIL=20280101", "series_too_many"),
        ("FREQ=DAILY;UNTIL=99991231", "series_too_far"),
        ("FREQ=WEEKLY;UNTIL=20300101T000000Z", "series_too_far"),
        ("FREQ=MONTHLY;COUNT=366", "series_too_far"),
        ("FREQ=MONTHLY;INTERVAL=366;COUNT=2", "series_too_far"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;UNTIL=20281101", "series_empty"),  # 31 November
        ("FREQ=DAILY;UNTIL=20200101", "series_empty"),
        ("FREQ=" + "A" * 600, "too_long_text"),
        ("FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 100) + ";COUNT=1", "rule_part"),
    ],
)
def test_a_rule_without_a_near_end_is_refused_in_milliseconds(text, code):
    began = clock.process_time()

    with pytest.raises(Invalid) as refused:
        days(text)

    assert refused.value.code == code
    assert clock.process_time() - began < 0.05


@settings(max_examples=300, deadline=None)
@given(
    st.text("FREQ=DAILYWKMONTH;INVUS0123456789,:-+TZ\n ", max_size=120)
    | st.lists(
        st.sampled_from(
            ["FREQ=DAILY", "FREQ=MONTHLY", "COUNT=366", "INTERVAL=1", "BYDAY=5FR,-1SU",
             "BYMONTHDAY=31", "UNTIL=20281123", "INTERVAL=366", "WKST=MO", "RRULE:FREQ=WEEKLY"]
        ),
        max_size=6,
    ).map(";".join)
)  # fmt: skip
def test_whatever_is_typed_costs_milliseconds_and_stays_bounded(text):
    began = clock.process_time()
    try:
        found = days(text)
    except Invalid:
        found = []

    assert clock.process_time() - began < 0.2
    assert len(found) <= 366
    assert not found or date.fromisoformat(found[-1]) - MONDAY.date() <= timedelta(MOST_DAYS)
