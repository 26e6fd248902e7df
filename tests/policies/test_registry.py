"""The table of rules: the least and the most of each, and what a value out of bounds is told."""

import pytest

from booking.core.errors import Invalid
from booking.core.hours import WeeklyHours
from booking.policies.rules.registry import BY_NAME, KINDS, RULE_OF
from booking.policies.rules.values import DEFAULTS, NEVER, Rule

DAY, YEAR = 1440, 366 * 1440
BOUNDS = {
    "granularity_minutes": (1, DAY), "min_minutes": (1, YEAR), "max_minutes": (1, YEAR),
    "horizon_days": (0, 3660), "create_latest_minutes": (0, YEAR), "edit_latest_minutes": (0, YEAR),
    "cancel_latest_minutes": (0, YEAR), "warmup_minutes": (0, DAY), "cleanup_minutes": (0, DAY),
    "merge_minutes": (0, DAY), "early_start_minutes": (0, DAY), "own_gap_minutes": (0, YEAR),
    "max_units": (1, 12_000), "level": (0, 9), "decide_within_hours": (1, DAY),
    "unit_fixed_hours": (0, DAY), "check_in_early_minutes": (0, DAY), "no_show_minutes": (1, DAY),
    "hold_minutes": (0, 60), "offer_minutes": (5, 7 * DAY), "opens_at_minute": (0, DAY - 1),
    "fair_opening_minutes": (0, DAY), "off_hours_level": (0, 9),
    "staffed_from_minute": (0, DAY - 1), "staffed_until_minute": (0, DAY - 1),
}  # fmt: skip
LOW = {"overnight", "max_minutes", "horizon_days", "early_start_minutes", "max_units"}
HIGH = {
    "min_minutes", "create_latest_minutes", "edit_latest_minutes", "cancel_latest_minutes",
    "own_gap_minutes", "one_at_a_time", "level", "note_needed", "off_hours_level",
    "company_decides",
}  # fmt: skip


def refusal(name, stored):
    with pytest.raises(Invalid) as refused:
        BY_NAME[name].parse(stored)
    return refused.value.code, refused.value.field, refused.value.parameters


@pytest.mark.parametrize(("name", "bounds"), BOUNDS.items(), ids=BOUNDS)
def test_a_number_is_within_its_bounds(name, bounds):
    least, most = bounds
    kind = BY_NAME[name]
    assert [kind.parse(value) for value in bounds] == [least, most]
    for actual in (least - 2, most + 1):
        told = {"least": least, "most": most, "actual": actual}
        assert refusal(name, actual) == ("out_of_range", name, told)


def test_the_bounds_of_every_number_are_known():
    numbers = {"minutes", "hours", "days", "count", "minute", "latest"}
    assert {kind.name for kind in KINDS if kind.type in numbers} == set(BOUNDS)


def test_which_rules_groups_may_have_and_which_value_is_the_stricter():
    assert {kind.name for kind in KINDS if kind.strict == "low"} == LOW
    assert {kind.name for kind in KINDS if kind.strict == "high"} == HIGH
    assert {kind.name for kind in KINDS if kind.for_groups} == LOW | HIGH


@pytest.mark.parametrize(
    ("name", "stored", "told"),
    [
        ("level", "2", ("not_whole", "level", {"actual": "2"})),
        ("level", True, ("not_whole", "level", {"actual": True})),
        ("holidays", "some", ("unknown_choice", "holidays", {"actual": "some"})),
        ("check_in", 1, ("not_a_flag", "check_in", {"actual": 1})),
        ("purposes", [], ("unknown_purpose", "purposes", {"actual": []})),
        ("purposes", "teaching", ("unknown_purpose", "purposes", {"actual": "teaching"})),
        ("opening_hours", "9 am", ("not_hours", "opening_hours", {"part": "9 am"})),
    ],
)
def test_an_unfit_value_is_told_with_its_rule(name, stored, told):
    assert refusal(name, stored) == told


@pytest.mark.parametrize(
    ("name", "stored", "value"),
    [
        ("opening_hours", None, None), ("purposes", None, None),
        ("purposes", ["other", "research", "development", "teaching"],
         frozenset({"research", "development", "teaching", "other"})),
        ("holidays", "closed", "closed"), ("check_in", True, True),
        ("cancel_latest_minutes", NEVER, NEVER), ("cancel_latest_minutes", None, None),
        ("opening_hours", "1 08:00-18:00", WeeklyHours.parse("1 08:00-18:00")),
    ],
)  # fmt: skip
def test_a_stored_value_is_read(name, stored, value):
    found = BY_NAME[name].parse(stored)
    assert found == value
    assert type(found) is type(value)
    again = BY_NAME[name].plain(found)
    assert again == (sorted(stored) if isinstance(stored, list) else stored)


def test_no_limit_is_the_loosest_and_never_the_strictest():
    latest = BY_NAME["edit_latest_minutes"]
    values = [Rule(60, "lab"), Rule(None, "pool"), Rule(NEVER, "site"), Rule(0, "park")]
    assert latest.strictest(values).value == NEVER
    assert latest.loosest(values).value is None
    assert latest.loosest(values[2:]).value == 0
    same = [Rule(5, "lab"), Rule(5, "pool")]
    assert BY_NAME["level"].strictest(same) is BY_NAME["level"].loosest(same) is same[0]


def test_a_code_names_a_rule_that_is_there():
    assert set(RULE_OF.values()) <= set(BY_NAME)
    assert all(hasattr(DEFAULTS, kind.name) for kind in KINDS)
