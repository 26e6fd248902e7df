"""The life of a reservation as pure decisions: what may still be done, until when, and how."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from booking.core.errors import WrongState
from booking.core.period import Period
from booking.policies.rules.values import DEFAULTS, Rule
from booking.reservations.rules.life import (
    Move,
    change_by,
    decide_by,
    how_to_move,
    is_less,
    reminder_times,
    require_live,
    shown_status,
    units_final,
)
from booking.reservations.rules.reference import reference
from booking.reservations.rules.using import (
    early_from,
    ended_now,
    is_running,
    longest,
    may_check_in,
    missed_at,
    require_check_in,
    require_early_start,
    started_now,
)

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SECOND = timedelta(seconds=1)


def span(start, end):
    """Return hours after nine."""
    return Period(NINE + start * HOUR, NINE + end * HOUR)


MORNING = span(0, 3)
CHECKED = replace(
    DEFAULTS, check_in=Rule(value=True), check_in_early_minutes=Rule(10), no_show_minutes=Rule(30)
)


def refusal(work):
    """Return (code, parameters) of what is refused, None when nothing is."""
    try:
        work()
    except WrongState as refused:
        return refused.code, refused.parameters
    return None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("completed", "already_ended"), ("cancelled", "already_cancelled"),
        ("rejected", "already_rejected"), ("expired", "already_expired"),
        ("no_show", "already_missed"),
    ],
)  # fmt: skip
def test_what_has_ended_says_how(status, code):
    assert refusal(lambda: require_live(status, MORNING, NINE)) == (code, {"actual": status})


@pytest.mark.parametrize(
    ("status", "now", "due", "code"),
    [
        ("approved", MORNING.end - SECOND, None, None),
        ("approved", MORNING.end, None, "already_ended"),
        ("in_use", MORNING.end, None, "already_ended"),
        ("pending", NINE, NINE, "already_expired"),
        ("pending", NINE - SECOND, NINE, None),
        ("pending", NINE, None, None),
        ("approved", NINE, NINE, None),  # a deadline binds requests only
    ],
)
def test_a_reservation_lives_until_its_end_a_request_until_its_deadline(status, now, due, code):
    found = refusal(lambda: require_live(status, MORNING, now, due))
    assert found == (code and (code, {"actual": status}))


@pytest.mark.parametrize(
    ("status", "due", "now", "shown"),
    [
        ("pending", NINE, NINE, "expired"), ("pending", NINE, NINE - SECOND, "pending"),
        ("pending", None, MORNING.end, "pending"), ("approved", None, MORNING.end, "completed"),
        ("in_use", None, MORNING.end, "completed"), ("approved", None, NINE, "approved"),
        ("cancelled", NINE, MORNING.end, "cancelled"), ("no_show", None, NINE, "no_show"),
    ],
)  # fmt: skip
def test_what_no_job_has_written_down_is_shown_all_the_same(status, due, now, shown):
    assert shown_status(status, MORNING, due, now) == shown


@pytest.mark.parametrize(
    ("status", "new", "quantity", "needs", "how"),
    [
        ("pending", span(5, 6), 3, True, Move.APPLY),
        ("approved", span(5, 6), 3, False, Move.APPLY),
        ("approved", span(1, 3), 2, True, Move.KEEP_APPROVAL),
        ("approved", MORNING, 1, True, Move.KEEP_APPROVAL),
        ("approved", MORNING, 3, True, Move.REQUEST),
        ("approved", span(0, 4), 1, True, Move.REQUEST),
    ],
)
def test_how_a_change_is_made(status, new, quantity, needs, how):
    assert how_to_move(status, MORNING, new, 2, quantity, needs_approval=needs) is how
    assert is_less(MORNING, new, 2, quantity) is (MORNING.contains(new) and quantity <= 2)


def test_deadlines_are_the_earlier_of_both():
    assert decide_by(NINE, NINE + 30 * HOUR, 24) == NINE + 24 * HOUR
    assert decide_by(NINE, NINE + 5 * HOUR, 24) == NINE + 5 * HOUR
    assert change_by(NINE - HOUR, MORNING, span(2, 4), 24) == NINE  # another start: before both
    assert change_by(NINE - HOUR, span(5, 8), span(2, 4), 24) == NINE + 2 * HOUR
    assert change_by(NINE, MORNING, span(0, 5), 24) == MORNING.end  # the same: to the earlier end
    assert change_by(NINE, span(0, 5), MORNING, 24) == MORNING.end
    assert change_by(NINE, MORNING, span(0, 5), 2) == NINE + 2 * HOUR


def test_units_are_final_when_named_or_near():
    assert units_final(NINE, NINE - 24 * HOUR, 24, named=False)
    assert not units_final(NINE, NINE - 24 * HOUR - SECOND, 24, named=False)
    assert units_final(NINE, NINE - 99 * HOUR, 24, named=True)


def test_only_reminders_ahead_are_planned():
    assert reminder_times(NINE, NINE - 2 * HOUR, (24, 2, 1)) == {1: NINE - HOUR}
    assert reminder_times(NINE, NINE - 25 * HOUR, (24, 1)) == {
        24: NINE - 24 * HOUR, 1: NINE - HOUR,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "rules", "now", "told"),
    [
        ("approved", DEFAULTS, NINE, ("no_check_in", {"actual": "approved"})),
        ("in_use", CHECKED, NINE, ("already_checked_in", {"actual": "in_use"})),
        ("pending", CHECKED, NINE, ("not_approved", {"actual": "pending"})),
        ("approved", CHECKED, NINE - 10 * MINUTE - SECOND, ("too_early", {"limit": 10})),
        ("approved", CHECKED, NINE - 10 * MINUTE, None),
        ("approved", CHECKED, NINE + 30 * MINUTE - SECOND, None),
        ("approved", CHECKED, NINE + 30 * MINUTE, ("already_missed", {"actual": "approved"})),
    ],
)
def test_when_it_may_be_checked_in(status, rules, now, told):
    assert refusal(lambda: require_check_in(status, MORNING, rules, now)) == told
    assert may_check_in(status, MORNING, rules, now) is (told is None)


def test_nobody_is_missed_after_the_end():
    assert missed_at(MORNING, CHECKED) == NINE + 30 * MINUTE
    assert missed_at(span(0, 0.25), CHECKED) == NINE + 15 * MINUTE


EARLY = replace(DEFAULTS, early_start_minutes=Rule(20))


@pytest.mark.parametrize(
    ("status", "rules", "now", "told"),
    [
        ("approved", DEFAULTS, NINE - MINUTE, ("no_early_start", {"actual": "approved"})),
        ("pending", EARLY, NINE - MINUTE, ("not_approved", {"actual": "pending"})),
        ("approved", EARLY, NINE, ("already_started", {"actual": "approved"})),
        ("approved", EARLY, NINE - 21 * MINUTE, ("too_early_to_start", {"limit": 20})),
        ("approved", EARLY, NINE - 20 * MINUTE, None),
        ("in_use", EARLY, NINE - MINUTE, None),
    ],
)
def test_when_it_may_start_before_its_time(status, rules, now, told):
    assert refusal(lambda: require_early_start(status, MORNING, rules, now)) == told
    assert early_from(MORNING, rules) == NINE - rules.early_start_minutes.value * MINUTE


def test_started_and_ended_now_are_whole_minutes_within_what_was_booked():
    assert started_now(MORNING, NINE - 5 * MINUTE + 30 * SECOND).start == NINE - 5 * MINUTE
    assert started_now(MORNING, NINE + MINUTE) == MORNING
    assert ended_now(MORNING, NINE + HOUR + SECOND).end == NINE + HOUR + MINUTE
    assert ended_now(MORNING, NINE + HOUR).end == NINE + HOUR
    assert ended_now(MORNING, NINE).end == NINE + MINUTE
    assert ended_now(MORNING, NINE + 9 * HOUR) == MORNING


@pytest.mark.parametrize(
    ("status", "rules", "now", "runs"),
    [
        ("in_use", CHECKED, NINE - MINUTE, True), ("in_use", CHECKED, MORNING.end, False),
        ("approved", DEFAULTS, NINE, True), ("approved", DEFAULTS, NINE - SECOND, False),
        ("approved", DEFAULTS, MORNING.end, False), ("approved", CHECKED, NINE, False),
        ("completed", DEFAULTS, NINE, False),
    ],
)  # fmt: skip
def test_what_runs(status, rules, now, runs):
    assert is_running(status, MORNING, rules, now) is runs


def test_the_longest_end_is_bounded_by_rules_grid_and_what_comes_next():
    rules = replace(DEFAULTS, max_minutes=Rule(300), granularity_minutes=Rule(30))
    assert longest(MORNING, rules, [], 0) == NINE + 5 * HOUR
    assert longest(MORNING, rules, [NINE + 6 * HOUR, NINE + 4 * HOUR], 0) == NINE + 4 * HOUR
    assert longest(MORNING, rules, [NINE + 4 * HOUR], 10) == NINE + 3.5 * HOUR
    assert longest(MORNING, rules, [NINE + 3 * HOUR], 10) == MORNING.end


def test_a_reference_is_eight_letters_nobody_misreads():
    assert reference(bytes(5)) == "00000000"
    assert reference(b"\xff" * 5) == "ZZZZZZZZ"
    assert reference(bytes([0, 68, 50, 20, 199])) == reference_by_hand([0, 68, 50, 20, 199])
    with pytest.raises(ValueError, match="^a reference is made of 5 random bytes$"):
        reference(bytes(4))


def reference_by_hand(numbers):
    bits = "".join(f"{number:08b}" for number in numbers)
    return "".join(
        "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[int(bits[at : at + 5], 2)] for at in range(0, 40, 5)
    )
