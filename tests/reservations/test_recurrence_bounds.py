"""Rules that repeat at their bounds: what is still read, and what a refusal says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.errors import Invalid
from booking.reservations.rules.recurrence import Recurrence, nth_of, occurrences, rule_days
from booking.reservations.rules.rrule import parse_rule, rule_text

XIAN = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
wall = datetime.fromisoformat  # local times, without a zone
MONDAY = wall("2026-11-23T09:00")
DAYS = [date(2027, 1, 1) + timedelta(days=n) for n in range(367)]


def refusal(work):
    with pytest.raises(Invalid) as refused:
        work()
    return refused.value.code, refused.value.field, refused.value.parameters


def found(rule, first=MONDAY):
    return occurrences(rule, first, HOUR, XIAN)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"frequency": "yearly", "count": 1},
         ("unknown_choice", "frequency", {"actual": "yearly"})),
        ({"interval": 0, "count": 1},
         ("out_of_range", "interval", {"least": 1, "most": 366, "actual": 0})),
        ({"interval": 367, "count": 1},
         ("out_of_range", "interval", {"least": 1, "most": 366, "actual": 367})),
        ({}, ("count_or_until", "count", {})),
        ({"count": 1, "until": date(2027, 1, 1)}, ("count_or_until", "count", {})),
        ({"count": 0}, ("out_of_range", "count", {"least": 1, "most": 366, "actual": 0})),
        ({"count": 367}, ("out_of_range", "count", {"least": 1, "most": 366, "actual": 367})),
        ({"count": 1, "exceptions": frozenset(DAYS)},
         ("out_of_range", "exceptions", {"least": 0, "most": 366, "actual": 367})),
        ({"count": 1, "weekdays": (1,)}, ("rule_part", "rule", {"part": "BYDAY"})),
        ({"count": 1, "month_days": (1,)}, ("rule_part", "rule", {"part": "BYMONTHDAY"})),
        ({"count": 1, "nth": ((1, 1),)}, ("rule_part", "rule", {"part": "BYMONTHDAY"})),
        ({"count": 1, "frequency": "monthly", "nth": ((1, 1),), "month_days": (1,)},
         ("rule_part", "rule", {"part": "BYDAY"})),
        ({"count": 1, "frequency": "weekly", "weekdays": (0,)},
         ("out_of_range", "weekdays", {"least": 1, "most": 7, "actual": "(0,)"})),
        ({"count": 1, "frequency": "weekly", "weekdays": (8,)},
         ("out_of_range", "weekdays", {"least": 1, "most": 7, "actual": "(8,)"})),
        ({"count": 1, "frequency": "monthly", "nth": ((1, 8),)},
         ("out_of_range", "weekdays", {"least": 1, "most": 7, "actual": "(8,)"})),
        ({"count": 1, "frequency": "monthly", "nth": ((6, 1),)},
         ("out_of_range", "nth", {"least": 1, "most": 5, "actual": "[6]"})),
        ({"count": 1, "frequency": "monthly", "nth": ((0, 1),)},
         ("out_of_range", "nth", {"least": 1, "most": 5, "actual": "[0]"})),
        ({"count": 1, "frequency": "monthly", "month_days": (32,)},
         ("out_of_range", "month_days", {"least": 1, "most": 31, "actual": "(32,)"})),
        ({"count": 1, "frequency": "monthly", "month_days": (0,)},
         ("out_of_range", "month_days", {"least": 1, "most": 31, "actual": "(0,)"})),
    ],
)  # fmt: skip
def test_an_unfit_rule_is_named(given, told):
    assert refusal(lambda: Recurrence(**{"frequency": "daily"} | given)) == told


@pytest.mark.parametrize(
    "given",
    [
        {"interval": 366, "count": 1}, {"count": 366}, {"count": 1},
        {"count": 1, "exceptions": frozenset(DAYS[:366])},
        {"count": 1, "frequency": "weekly", "weekdays": (1, 7)},
        {"count": 1, "frequency": "monthly", "nth": ((-1, 3), (1, 1), (5, 7))},
        {"count": 1, "frequency": "monthly", "month_days": (-1, 1, 31)},
    ],
)  # fmt: skip
def test_a_rule_at_its_bounds_can_be_kept(given):
    rule = Recurrence(**{"frequency": "daily"} | given)
    assert parse_rule(rule_text(rule), rule.exceptions) == rule


def test_a_series_is_bounded_in_number_and_time():
    assert len(found(Recurrence("daily", count=366))) == 366
    until = Recurrence("daily", until=MONDAY.date() + timedelta(days=365))
    assert len(found(until)) == 366
    more = Recurrence("daily", until=MONDAY.date() + timedelta(days=366))
    assert refusal(lambda: found(more)) == ("series_too_many", "rule", {"limit": 366})
    two_years = MONDAY.date() + timedelta(days=731)
    assert found(Recurrence("weekly", interval=8, until=two_years))[-1].day <= two_years
    late = Recurrence("weekly", interval=8, until=two_years + timedelta(days=1))
    assert refusal(lambda: found(late)) == ("series_too_far", "rule", {"limit": 2})
    assert refusal(lambda: found(Recurrence("monthly", count=26))) == (
        "series_too_far", "rule", {"limit": 2},
    )  # fmt: skip
    gone = Recurrence("daily", count=1, exceptions=frozenset({MONDAY.date()}))
    assert refusal(lambda: found(gone)) == ("series_empty", "rule", {})


def test_days_of_a_rule_end_after_two_years():
    last = list(rule_days(Recurrence("daily", count=1), MONDAY.date()))[-1]
    assert last == MONDAY.date() + timedelta(days=731)


@pytest.mark.parametrize(
    ("day", "which"),
    [("2026-11-01", (1, False)), ("2026-11-07", (1, False)), ("2026-11-08", (2, False)),
     ("2026-11-23", (4, False)), ("2026-11-24", (4, True)), ("2026-11-30", (5, True)),
     ("2027-02-22", (4, True)), ("2027-02-21", (3, False))],
)  # fmt: skip
def test_which_of_its_weekday_a_day_is(day, which):
    assert nth_of(date.fromisoformat(day)) == which


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=WEEKLY;BYDAY=MO;COUNT=2", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2",
        "rrule:freq=weekly;byday=mo;count=2", "  FREQ=WEEKLY;BYDAY=MO,MO;COUNT=2\n",
        "COUNT=2;BYDAY=MO;FREQ=WEEKLY;WKST=MO;INTERVAL=1",
    ],
)  # fmt: skip
def test_one_rule_has_many_texts(text):
    assert parse_rule(text) == Recurrence("weekly", weekdays=(1,), count=2)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Recurrence("daily", count=3), "FREQ=DAILY;COUNT=3"),
        (Recurrence("daily", 2, until=date(2027, 1, 5)), "FREQ=DAILY;INTERVAL=2;UNTIL=20270105"),
        (Recurrence("weekly", weekdays=(2, 4), count=3), "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3"),
        (Recurrence("monthly", nth=((1, 1), (-1, 5)), count=3),
         "FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=3"),
        (Recurrence("monthly", month_days=(-1, 15), count=3),
         "FREQ=MONTHLY;BYMONTHDAY=-1,15;COUNT=3"),
        (Recurrence("daily", until=datetime(2027, 1, 5, 9, tzinfo=XIAN)),
         "FREQ=DAILY;UNTIL=20270105T010000Z"),
    ],
)  # fmt: skip
def test_a_rule_is_written_as_rfc_5545_has_it(rule, text):
    assert rule_text(rule) == text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("FREQ=DAILY;COUNT=1;" + "X" * 50, "X" * 40), ("FREQ=DAILY;COUNT", "COUNT"),
        ("FREQ=DAILY;COUNT=", "COUNT="), ("FREQ=DAILY;COUNT=1;FREQ=DAILY", "FREQ=DAILY"),
        ("FREQ=DAILY;COUNT=12345", "COUNT"), ("FREQ=WEEKLY;BYDAY=-MO;COUNT=1", "BYDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 32) + ";COUNT=1", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYDAY=-2MO;COUNT=1", "BYDAY"), ("FREQ=MONTHLY;BYMONTHDAY=0;COUNT=1",
                                                      "BYMONTHDAY"),
        ("FREQ=DAILY;UNTIL=20271301", "UNTIL"), ("FREQ=DAILY;UNTIL=20270101T250000Z", "UNTIL"),
        ("FREQ=DAILY;WKST=TU;COUNT=1", "WKST"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_refused_at_the_rule_s_field(text, part):
    assert refusal(lambda: parse_rule(text)) == ("rule_part", "rule", {"part": part})


def test_a_text_is_bounded():
    room = 500 - len("FREQ=DAILY;COUNT=1")
    assert parse_rule("FREQ=DAILY;COUNT=1" + " " * room).count == 1
    told = ("too_long_text", "rule", {"limit": 500})
    assert refusal(lambda: parse_rule("FREQ=DAILY;COUNT=1" + " " * (room + 1))) == told
    thirty_one = ",".join(str(day) for day in range(1, 32))
    assert len(parse_rule(f"FREQ=MONTHLY;BYMONTHDAY={thirty_one};COUNT=1").month_days) == 31


def test_an_instant_ends_a_series_with_what_starts_then():
    def last(instant):
        rule = Recurrence("daily", until=instant)
        return found(rule)[-1].day.isoformat()

    at_nine = datetime(2026, 11, 25, 1, tzinfo=UTC)
    assert last(at_nine) == "2026-11-25"
    assert last(at_nine - timedelta(seconds=1)) == "2026-11-24"
