"""The booking grid and the nearest passing time, on days the clock changes too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.inventory.rules.sharing import Sharing
from booking.policies.rules.decide import violations
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.times import align_up, fitting_length, nearest
from booking.policies.rules.values import PoolRules, Rule
from booking.reservations.rules.slots import UnitFacts, earliest_slots

BERLIN = ZoneInfo("Europe/Berlin")
# Where the clock changes by an hour, by half an hour, at midnight, and never.
ZONES = [
    ZoneInfo(name)
    for name in ("Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Shanghai")
]
CHANGES = [
    datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 4, 23, 22, tzinfo=UTC), datetime(2026, 10, 29, 21, tzinfo=UTC),
]  # fmt: skip
HOURS = [
    None, "1 08:00-18:00;7 00:00-24:00;6 20:00-30:00", "6 01:30-25:30;7 02:00-03:00;7 02:30-04:00",
    "5 22:00-30:00;6 22:00-30:00;7 22:00-30:00",
]  # fmt: skip
moments = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(CHANGES), st.integers(-200_000, 200_000),
)  # fmt: skip
steps = st.sampled_from([5, 7, 15, 20, 30, 45, 60, 90, 120, 480, 1440])


def utc(day: int, hour: float, month: int = 3) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC) + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("moment", "step", "aligned"),
    [
        # 02:00 does not exist on 29 March: 03:00 follows 01:59, and is no even hour
        (utc(29, 0.5), 60, utc(29, 1)),
        (utc(29, 0.5), 120, utc(29, 2)),
        # 02:30 comes twice on 25 October; the second one is on the grid as well
        (utc(25, 0.5, 10), 30, utc(25, 0.5, 10)),
        (utc(25, 1.5, 10), 30, utc(25, 1.5, 10)),
        (utc(25, 22.5, 10), 1440, utc(25, 23, 10)),
    ],
)
def test_the_grid_follows_the_clock_on_the_wall(moment, step, aligned):
    assert align_up(moment, step, BERLIN) == aligned


@given(moments, steps, st.sampled_from(ZONES))
def test_what_is_aligned_is_later_and_on_the_grid(moment, step, zone):
    aligned = align_up(moment, step, zone)
    wall = aligned.astimezone(zone)

    # A midnight that the clock skips leaves two days between two points of a daily grid.
    assert moment <= aligned <= moment + timedelta(hours=50)
    assert (wall.hour * 3600 + wall.minute * 60 + wall.second) % (step * 60) == 0
    assert align_up(aligned, step, zone) == aligned


@st.composite
def proposals(draw) -> tuple[PoolRules, Proposal]:
    now = draw(moments)
    least, most = sorted(draw(st.lists(st.sampled_from([15, 50, 60, 120, 1440, 4320]), min_size=2,
                                       max_size=2)))  # fmt: skip
    hours, shared = draw(st.sampled_from(HOURS)), draw(st.sampled_from(HOURS))
    rules = PoolRules(
        opening_hours=Rule(WeeklyHours.parse(hours) if hours else None),
        granularity_minutes=Rule(draw(steps)),
        min_minutes=Rule(least),
        max_minutes=Rule(most),
        horizon_days=Rule(draw(st.sampled_from([0, 1, 5, 60]))),
        opens_at_minute=Rule(draw(st.sampled_from([0, 510]))),
        fair_opening_minutes=Rule(draw(st.sampled_from([0, 90]))),
    )
    ends = draw(st.none() | st.integers(1, 90))
    sharing = Sharing(
        now - timedelta(days=9),
        now + timedelta(hours=ends) if ends else None,
        WeeklyHours.parse(shared) if shared else None,
    )
    start = now.replace(second=0) + timedelta(minutes=draw(st.integers(-100, 5000)))
    period = Period(start, start + timedelta(minutes=draw(st.integers(1, 3000))))
    return rules, Proposal(
        period, 1, now, draw(st.sampled_from(ZONES)), 2, insider=draw(st.booleans()),
        sharing=sharing,
    )  # fmt: skip


@settings(deadline=None)
@given(proposals())
def test_the_nearest_time_passes_every_time_rule(given_):
    rules, proposal = given_
    near = nearest(rules, proposal)

    if near is not None:
        assert violations(rules, replace(proposal, period=near)) == ()
    if not violations(rules, proposal):
        assert near is None or near.start >= proposal.period.start


@settings(deadline=None)
@given(proposals(), st.lists(st.integers(0, 50), max_size=4), st.integers(0, 1))
def test_each_slot_offered_passes_every_rule_and_is_free(given_, starts, quantity_more):
    rules, proposal = given_
    length = fitting_length(rules, proposal.period.minutes)
    first = max(proposal.period.start, proposal.now)
    proposal = replace(proposal, period=Period(first, first + length), quantity=1 + quantity_more)
    units = [UnitFacts(1, "in_service", 15, 0), UnitFacts(2, "in_service", 0, 20)]
    hour = timedelta(hours=1)
    busy = {
        unit.unit_id: [Period(first + n * hour, first + (n + unit.unit_id) * hour) for n in starts]
        for unit in units
    }
    window = Period(first, first + timedelta(days=3))

    if any(v.code in ("too_short", "too_long") for v in violations(rules, proposal)):
        return
    for slot in earliest_slots(rules, proposal, units, busy, window, 3):
        assert violations(rules, replace(proposal, period=slot.period)) == ()
        assert len(slot.unit_ids) == proposal.quantity
        for unit in units:
            if unit.unit_id in slot.unit_ids:
                block = slot.period.widened(unit.warmup_minutes, unit.cleanup_minutes)
                assert not any(block.overlaps(taken) for taken in busy[unit.unit_id])
