"""Rules about the person: qualification, purpose, note, customs, own reservations, late changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.core.period import Period
from booking.policies.rules.decide import violations
from booking.policies.rules.people import barred
from booking.policies.rules.proposal import Own, Person, Proposal, Qualified
from booking.policies.rules.times import open_spans
from booking.policies.rules.values import DEFAULTS, NEVER, PoolRules, Rule

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)  # Monday 09:00


def at(hour: float, hours: float = 1) -> Period:
    start = datetime(2026, 11, 24, tzinfo=ZONE) + timedelta(hours=hour)
    return Period(start.astimezone(UTC), start.astimezone(UTC) + timedelta(hours=hours))


def rules(**values) -> PoolRules:
    return replace(DEFAULTS, **{name: Rule(value, "lab") for name, value in values.items()})


def propose(period: Period, **more) -> Proposal:
    return Proposal(period, 1, NOW, ZONE, 3, **{"insider": True, "pool_id": 1} | more)


def codes(rules: PoolRules, proposal: Proposal) -> list[str]:
    return [v.code for v in violations(rules, proposal)]


MINE = Person(7, own=(Own(1, 1, at(12)),))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (at(10.5), "gap_after"),  # ends 30 minutes before mine starts
        (at(14.5), "gap_before"),  # starts 90 minutes after mine ends
        (at(9), None), (at(15), None),
        (at(12), "gap_after"),
    ],
)  # fmt: skip
def test_the_gap_to_ones_own_reservation_names_its_side(asked, code):
    found = codes(rules(own_gap_minutes=120), propose(asked, person=MINE))
    assert found == ([code] if code else [])


def test_the_gap_is_told_with_the_nearest_time_that_keeps_it():
    [violation] = violations(rules(own_gap_minutes=120), propose(at(10.5), person=MINE))
    assert violation.nearest == at(15)
    assert (violation.limit, violation.actual) == (120, at(12).start)


def test_the_gap_is_of_one_pool_and_not_to_what_moves():
    gap = rules(own_gap_minutes=120)
    assert codes(gap, propose(at(12), person=MINE, pool_id=2)) == []
    assert codes(gap, propose(at(13), person=MINE, besides=1)) == []
    assert barred(gap, propose(at(12), person=MINE)) == [at(10, 5)]


def test_one_instrument_at_a_time():
    single = rules(one_at_a_time=True)
    assert codes(single, propose(at(12.5), person=MINE, pool_id=2)) == ["one_at_a_time"]
    assert codes(single, propose(at(12.5), person=MINE)) == ["one_at_a_time"]
    assert codes(single, propose(at(13), person=MINE, pool_id=2)) == []


@pytest.mark.parametrize(
    ("qualified", "found"),
    [
        ((), ["level_needed"]),
        ((Qualified(1),), ["level_needed"]),
        ((Qualified(1), Qualified(2)), []),
        ((Qualified(3),), []),
        ((Qualified(2, at(9.5).start),), ["level_ends"]),
        ((Qualified(2, at(9.5).start), Qualified(2, at(10).start)), []),
    ],
)
def test_a_qualification_must_last_until_the_end(qualified, found):
    proposal = propose(at(9), person=Person(7, qualified))
    assert codes(rules(level=2), proposal) == found
    assert (open_spans(rules(level=2), proposal, at(9)) == [at(9)]) is (not found)


def test_what_is_wrong_with_the_person_is_told_at_once():
    strict = rules(level=2, purposes=frozenset({"teaching"}), note_needed=True, max_minutes=30)
    found = codes(strict, propose(at(9), note=""))
    assert found == ["too_long", "level_needed", "purpose_not_allowed", "note_needed"]
    assert codes(strict, propose(at(9, 0.5), purpose=None, note=None,
                                 person=Person(7, (Qualified(2),)))) == []  # fmt: skip


@pytest.mark.parametrize(
    ("purpose", "insider", "customs", "refused"),
    [("other", False, True, True), ("other", True, True, False), ("research", False, True, False),
     ("other", False, False, False)],
)  # fmt: skip
def test_customs_supervision_bars_other_purposes_for_others(purpose, insider, customs, refused):
    found = codes(DEFAULTS, propose(at(9), purpose=purpose, insider=insider, customs=customs))
    assert ("customs_purpose" in found) is refused


@pytest.mark.parametrize(
    ("latest", "was", "code"),
    [
        (None, at(9), None),
        (24 * 60, at(9), None),  # exactly a day before
        (24 * 60 + 1, at(9), "too_late_to_change"),
        (NEVER, at(9), "never_changed"),
    ],
)
def test_the_latest_change_is_measured_at_the_old_start(latest, was, code):
    found = codes(rules(edit_latest_minutes=latest), propose(at(20), was=was))
    assert found == ([code] if code else [])
    assert codes(rules(edit_latest_minutes=latest), propose(at(20))) == []
