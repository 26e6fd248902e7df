"""Who goes to which unit when one is needed or lost, and which buffers give way."""

from datetime import timedelta

import pytest

from booking.core.period import Period
from booking.reservations.rules import eject
from booking.reservations.rules.buffers import Neighbour, Squeezed, squeezed
from booking.reservations.rules.dealing import places
from booking.reservations.rules.eject import Board, Held, Relocation, Seating, reach, seating
from booking.reservations.rules.slots import UnitFacts
from tests.conftest import NOW

HOUR = timedelta(hours=1)


def span(start, end):
    return Period(NOW + start * HOUR, NOW + end * HOUR)


def unit(number, warmup=0, cleanup=0):
    return UnitFacts(number, "in_service", warmup, cleanup)


def held(*rows):
    """Return (allocation, unit, start, end), which may move, or with None for one that may not."""
    found = {}
    for number, unit_id, start, end, *firm in rows:
        period = span(start, end)
        found.setdefault(unit_id, []).append(
            Held(number, unit_id, period, None if firm else period)
        )
    return found


# --- room for one more ---------------------------------------------------------------------


def test_the_time_in_which_blocks_may_meet_has_the_longest_buffers():
    units = [unit(1, 10, 0), unit(2, 0, 20), unit(3, 5, 5)]
    shown = [span(3, 4), span(1, 2), span(1, 6), span(2, 3)]
    assert reach(units, shown) == span(1, 6).widened(10, 20)
    assert reach([], shown) == span(1, 6)


def test_free_units_come_best_fit_first_then_by_number():
    board = held((1, 3, 0, 1), (2, 2, 0, 0.5))
    found = seating([unit(1), unit(2), unit(3), unit(4)], board, span(1, 2), 3)
    assert found == Seating(((3, span(1, 2)), (2, span(1, 2)), (1, span(1, 2))), ())
    assert seating([unit(4), unit(1)], {}, span(1, 2), 1) == Seating(((1, span(1, 2)),), ())


def test_nothing_is_needed_of_nobody_and_too_much_is_nowhere():
    assert seating([unit(1)], {}, span(0, 1), 0) == Seating((), ())
    assert seating([unit(1)], {}, span(0, 1), 2) is None
    assert seating([], {}, span(0, 1), 1) is None


def test_what_moves_takes_the_best_fit_with_the_new_units_buffers():
    board = held((1, 1, 0, 1), (2, 3, 1.5, 3), (9, 4, 0, 3, None))
    units = [unit(1), unit(2), unit(3, 0, 30), unit(4)]
    found = seating(units, board, span(0, 1), 1, onto=[1])
    assert found == Seating(
        ((1, span(0, 1)),), (Relocation(1, 1, 3, span(0, 1).widened(0, 30)),)
    )  # fmt: skip


def test_only_units_of_the_pool_are_cleared():
    board = held((1, 1, 0, 1))
    assert seating([unit(1), unit(2)], board, span(0, 1), 1, onto=[7]) is None
    found = seating([unit(1), unit(2)], board, span(0, 1), 1, onto=[7, 1])
    assert [move.to_unit for move in found.moves] == [2]


def test_each_that_is_in_the_way_gets_a_unit_of_its_own():
    board = held((1, 1, 0, 1), (2, 1, 1, 2), (3, 2, 1, 2, None), (4, 3, 0, 1, None))
    found = seating([unit(1), unit(2), unit(3)], board, span(0, 2), 1, onto=[1])
    assert {move.allocation_id: move.to_unit for move in found.moves} == {1: 2, 2: 3}
    overlapping = held((1, 1, 0, 1), (5, 4, 0, 1))
    both = seating([unit(1), unit(2), unit(4)], overlapping, span(0, 1), 2, onto=[1, 4])
    assert both is None  # there is one free unit for two


def test_a_first_choice_that_leads_nowhere_is_taken_back():
    # Allocation 1 fits best on unit 3, where alone allocation 2 can go.
    board = held(
        (1, 1, 0, 1), (2, 1, 1, 2), (3, 3, 2, 3, None), (4, 2, 1, 2, None), (5, 3, -1, 0, None)
    )
    found = seating([unit(1), unit(2), unit(3)], board, span(0, 2), 1, onto=[1])
    assert {move.allocation_id: move.to_unit for move in found.moves} == {1: 3, 2: 3}
    clash = held((1, 1, 0, 1.5), (2, 4, 1, 2), (3, 3, 1.5, 2, None), (4, 2, 1.75, 3, None))
    units = [unit(1), unit(2), unit(3), unit(4)]
    found = seating(units, clash, span(1, 1.25), 2, onto=[1, 4])
    assert found is None  # 10 to 11 goes nowhere else
    clash = held((1, 1, 0, 1.5), (2, 4, 1, 1.5), (3, 3, 1.5, 2, None), (4, 2, 1.75, 3, None))
    found = seating(units, clash, span(1, 1.25), 2, onto=[1, 4])
    assert {move.allocation_id: move.to_unit for move in found.moves} == {1: 3, 2: 2}


def test_a_seat_that_what_moved_has_taken_is_passed_over():
    # 1 goes to unit 2 alone, so that unit 2 is no seat; 3 goes to unit 4 and leaves its own.
    board = held(
        (1, 1, 0, 1), (2, 2, 1, 3), (3, 3, 0.5, 2), (4, 1, 2.5, 3, None),
        (5, 4, 0, 0.5, None), (6, 4, 2, 3, None),
    )  # fmt: skip
    units = [unit(n) for n in (1, 2, 3, 4)]
    found = seating(units, board, span(0, 2), 2, onto=[1, 2, 3])
    assert {seat for seat, _ in found.blocks} == {1, 3}
    assert {move.allocation_id: move.to_unit for move in found.moves} == {1: 2, 3: 4}


def test_a_seat_that_is_given_up_is_free_again():
    board = held((1, 1, -1, 1), (2, 2, 1, 2), (3, 2, -1, -0.5, None), (4, 1, 2, 3, None))
    found = seating([unit(1), unit(2)], board, span(0, 2), 1)
    assert [seat for seat, _ in found.blocks] == [2]
    assert [(move.allocation_id, move.to_unit) for move in found.moves] == [(2, 1)]


def test_a_move_that_is_taken_back_leaves_its_place():
    # On unit 2 the clean-up after 1 would reach into 2, which can go nowhere else.
    board = held((1, 1, 0, 1), (2, 1, 1, 2), (3, 2, -1, 0, None), (4, 3, 1, 2, None))
    units = [unit(1), unit(2, 0, 30), unit(3)]
    found = seating(units, board, span(0, 2), 1, onto=[1])
    assert {move.allocation_id: move.to_unit for move in found.moves} == {1: 3, 2: 2}


def test_customs_supervision_is_kept():
    board = held((1, 1, 0, 1))
    units = [unit(n) for n in (1, 2, 3)]
    found = seating(units, board, span(0, 1), 1, onto=[1], supervised={2})
    assert [move.to_unit for move in found.moves] == [3]
    found = seating(units, board, span(0, 1), 1, onto=[1], supervised={1, 2})
    assert [move.to_unit for move in found.moves] == [2]


def test_a_search_is_given_up_after_so_many_looks(monkeypatch):
    monkeypatch.setattr(eject, "MOST_STEPS", 3)
    one = Held(1, 1, span(0, 1), span(0, 1))
    few, many = [{unit(n).unit_id: unit(n) for n in range(1, most)} for most in (4, 5)]
    assert [u for u, _ in Board(few, {}, ()).targets(one, span(0, 1))] == [2, 3]
    assert Board(many, {}, ()).targets(one, span(0, 1)) == []


# --- what a unit that goes leaves behind ---------------------------------------------------


def dealt(units, board, hit, whose, **more):
    found = places(units, board, hit, whose, **more)
    return {key: [(m.allocation_id, m.to_unit) for m in moves] for key, moves in found.items()}


def test_each_takes_the_best_fit_left_in_order_of_start():
    units = [unit(n) for n in (1, 2, 3)]
    board = held((1, 1, 0, 2), (2, 1, 3, 4), (3, 2, 2, 3, None), (4, 3, 4, 5, None))
    assert dealt(units, board, [1], {1: 71, 2: 72}) == {71: [(1, 2)], 72: [(2, 2)]}
    assert dealt(units, board, [1], {2: 72}) == {72: [(2, 2)]}
    assert dealt(units, board, [], {1: 71}) == {}


def test_nobody_goes_to_a_unit_that_goes_too():
    units = [unit(n) for n in (1, 2, 3)]
    board = held((1, 1, 0, 1), (2, 2, 0, 1))
    assert dealt(units, board, [1, 2], {1: 71, 2: 72}) == {71: [(1, 3)]}  # the first of two
    assert dealt(units, board, [1], {1: 71, 2: 72}) == {71: [(1, 3)]}


def test_one_without_a_place_for_all_its_units_goes_nowhere():
    units = [unit(n) for n in (1, 2, 3)]
    board = held((1, 1, 0, 1), (2, 2, 0, 1), (3, 1, 2, 3))
    assert dealt(units, board, [1, 2], {1: 70, 2: 70, 3: 73}) == {73: [(3, 3)]}
    board[3] = [Held(9, 3, span(0, 1))]
    assert dealt(units, board, [1], {1: 70, 3: 70}) == {}
    assert dealt(units, board, [1], {1: 70, 3: 73}) == {73: [(3, 2)]}
    firm = {1: [Held(1, 1, span(0, 1)), Held(3, 1, span(2, 3), span(2, 3))]}
    assert dealt(units, firm, [1], {1: 70, 3: 73}) == {73: [(3, 2)]}


def test_both_units_of_one_get_another():
    units = [unit(n) for n in (1, 2, 3, 4)]
    board = held((1, 1, 0, 1), (2, 2, 0, 1))
    assert dealt(units, board, [1, 2], {1: 70, 2: 70}) == {70: [(1, 3), (2, 4)]}
    assert dealt(units, board, [1, 2], {1: 70, 2: 70}, supervised={4}) == {}


# --- buffers that give way -----------------------------------------------------------------

# Half an hour of warm-up, an hour of clean-up.
WARM = unit(1, 30, 60)
PERIOD = span(4, 6)


def before(block_end, shown_end=2, *, shares=True):
    return Neighbour(1, span(0, block_end), span(1, shown_end), shares)


def after(block_start, shown_start=8, *, shares=True):
    return Neighbour(2, span(block_start, 10), span(shown_start, 9), shares)


def blocks(found):
    """Return the block of the new one, and those of its neighbours, in hours."""
    if found is None:
        return None

    def hours(period):
        return ((period.start - NOW) / HOUR, (period.end - NOW) / HOUR)

    return hours(found.block), {number: hours(block) for number, block in found.others}


@pytest.mark.parametrize(
    ("neighbours", "override", "left"),
    [
        ([], False, ((3.5, 7), {})),
        ([before(3.5), after(7)], False, ((3.5, 7), {})),  # they touch: nothing gives way
        # Between two that share there is room for the longer of their buffers.
        ([before(3.75, 3)], False, ((3.5, 7), {1: (0, 3.5)})),
        ([before(4, 3.5)], False, ((3.5, 7), {1: (0, 3.5)})),
        ([before(4, 3.75)], False, None),  # 15 minutes, and 30 are needed
        ([before(4, 3)], False, ((3.5, 7), {1: (0, 3.5)})),
        ([before(4.25, 3)], False, None),  # theirs is 75 minutes
        ([before(4, 3, shares=False)], False, None),
        ([before(4, 3, shares=False)], True, ((3.5, 7), {1: (0, 3.5)})),
        ([before(4, 4)], False, None),
        ([before(4, 4)], True, ((4, 7), {1: (0, 4)})),
        ([after(6.5, 7)], False, ((3.5, 7), {2: (7, 10)})),
        ([after(6, 7)], False, ((3.5, 7), {2: (7, 10)})),
        ([after(6, 6.75)], False, None),  # 45 minutes, and 60 are needed
        ([after(5.75, 7)], False, None),  # theirs is 75 minutes
        ([after(6, 7, shares=False)], False, None),
        ([after(6, 6.5, shares=False)], True, ((3.5, 6.5), {2: (6.5, 10)})),
        ([after(6, 7.5)], False, ((3.5, 7), {2: (7, 10)})),  # just their 90 minutes
        ([after(6, 8)], True, ((3.5, 7), {2: (7, 10)})),
        ([before(4, 3.5), after(6, 7)], False, ((3.5, 7), {1: (0, 3.5), 2: (7, 10)})),
        ([before(4.5, 4.25)], True, None),  # shown times never meet
        ([after(5.5, 5.75)], True, None),
        ([Neighbour(3, span(3, 3.75), None, shares=True)], True, None),  # a closure is firm
        ([Neighbour(3, span(3, 3.5), None)], False, ((3.5, 7), {})),
    ],
)
def test_which_buffers_give_way(neighbours, override, left):
    assert blocks(squeezed(WARM, PERIOD, neighbours, override=override)) == left


def test_behind_a_neighbour_that_ends_the_buffer_nothing_is_met():
    near, far = Neighbour(1, span(3, 4), span(3.75, 4)), Neighbour(2, span(3.5, 3.7), None)
    found = squeezed(WARM, PERIOD, [near, far], override=True)
    assert found == Squeezed(span(4, 7), ((1, span(3, 4)),))
