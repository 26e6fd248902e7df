"""Buffers that give way: never a shown time, never a stranger's without leave."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.core.period import Period
from booking.reservations.rules.buffers import Neighbour, squeezed
from booking.reservations.rules.slots import UnitFacts
from tests.conftest import NOW

HOURS = st.integers(0, 40)


@st.composite
def boards(draw):
    cursor, found = 0, []
    for number in range(draw(st.integers(0, 4))):
        warmup, cleanup = draw(st.sampled_from([(0, 0), (1, 0), (0, 2), (1, 2)]))
        start = cursor + warmup + draw(st.integers(0, 4))
        end = start + draw(st.integers(1, 4))
        shown = Period(NOW + start * timedelta(minutes=15), NOW + end * timedelta(minutes=15))
        whole = shown.widened(15 * warmup, 15 * cleanup)
        firm = draw(st.integers(0, 4)) == 0
        found.append(Neighbour(number, whole, None if firm else shown, draw(st.booleans())))
        cursor = end + cleanup
    return found


@settings(max_examples=500, deadline=None)
@given(boards(), HOURS, st.integers(1, 8), st.booleans())
def test_nothing_overlaps_and_no_shown_time_is_cut(board, start, length, override):
    unit = UnitFacts(1, "in_service", 15, 30)
    begins = NOW + start * timedelta(minutes=15)
    period = Period(begins, begins + length * timedelta(minutes=15))
    found = squeezed(unit, period, board, override=override)
    if found is None:
        return
    assert found.block.contains(period)
    shorter = dict(found.others)
    blocks = [shorter.get(one.allocation_id, one.block) for one in board]
    for one, now in zip(board, blocks, strict=True):
        assert one.block.contains(now)
        assert not now.overlaps(found.block)
        assert now.contains(one.shown or one.block)
    if not override:
        assert all(one.shares for one in board if one.allocation_id in shorter)


def test_only_the_nearest_neighbour_gives_way():
    """Behind it there is nothing left of the buffer to take."""
    unit = UnitFacts(1, "in_service", 0, 60)
    first, second = (quarter(2, 3), quarter(3, 4))
    board = [Neighbour(1, first, first), Neighbour(2, second, second)]
    found = squeezed(unit, quarter(0, 1), board, override=True)
    assert found.block == quarter(0, 2)
    assert dict(found.others) in ({}, {1: first})


def quarter(start, end):
    return Period(NOW + start * timedelta(minutes=15), NOW + end * timedelta(minutes=15))
