"""Earliest slots against a search that simply tries every grid point."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.core.hours import WeeklyHours
from booking.core.period import Period
from booking.inventory.rules.sharing import Sharing
from booking.policies.rules.decide import violations
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.values import PoolRules, Rule
from booking.reservations.rules.slots import UnitFacts, earliest_slots
from tests.conftest import NOW

STEP = 30
HOURS = WeeklyHours.parse("1 08:00-18:00;2 08:00-12:00;2 13:00-18:00;3 22:00-30:00")
RULES = PoolRules(opening_hours=Rule(HOURS), granularity_minutes=Rule(STEP), horizon_days=Rule(2))
SHARED = Sharing(NOW - timedelta(days=1), None, None)


def at(halves):
    return NOW + timedelta(minutes=30 * halves)


blocks = st.lists(
    st.tuples(st.integers(-2, 90), st.integers(1, 9)).map(
        lambda t: Period(at(t[0]), at(t[0] + t[1]))
    ),
    max_size=5,
)


@settings(deadline=None, max_examples=200)
@given(
    busy=st.lists(blocks, min_size=1, max_size=3),
    buffers=st.tuples(st.sampled_from([0, 15, 30]), st.sampled_from([0, 15, 60])),
    length=st.integers(1, 8),
    quantity=st.integers(1, 3),
)
def test_the_earliest_slot_is_the_first_grid_point_that_fits(busy, buffers, length, quantity):
    units = [UnitFacts(n, "in_service", *buffers) for n in range(len(busy))]
    held = dict(enumerate(busy))
    wanted = Period(NOW, NOW + timedelta(minutes=STEP * length))
    proposal = Proposal(
        wanted, quantity, NOW, ZoneInfo("Asia/Shanghai"), len(units), sharing=SHARED
    )
    window = Period(NOW, NOW + timedelta(days=4))

    def ready(period):
        block = period.widened(*buffers)
        return [n for n in held if not any(b.overlaps(block) for b in held[n])]

    def fits(period):
        timely = Proposal(
            period, 1, NOW, ZoneInfo("Asia/Shanghai"), 3, insider=False, sharing=SHARED
        )
        return not violations(RULES, timely) and len(ready(period)) >= quantity

    grid = (Period(at(n), at(n + length)) for n in range(4 * 48))
    expected = next((period for period in grid if fits(period)), None)
    slots = earliest_slots(RULES, proposal, units, held, window, 3)
    assert (slots[0].period if slots else None) == expected
    for slot in slots:
        assert fits(slot.period)
        assert len(slot.unit_ids) == quantity
        assert set(slot.unit_ids) <= set(ready(slot.period))
    for first, second in zip(slots, slots[1:], strict=False):
        assert first.period.end <= second.period.start
