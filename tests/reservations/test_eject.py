"""Depth-1 eject against brute force: found if and only if it exists, and never an overlap."""

from datetime import timedelta
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.core.period import Period
from booking.reservations.rules.eject import Held, seating
from booking.reservations.rules.slots import UnitFacts
from tests.conftest import NOW

HOUR = timedelta(hours=1)


def span(start, length):
    return Period(NOW + start * HOUR, NOW + (start + length) * HOUR)


def pool(*buffers):
    return [UnitFacts(n, "in_service", w, c) for n, (w, c) in enumerate(buffers, 1)]


def plain(count):
    return pool(*[(0, 0)] * count)


def held(*rows):
    """Return blocks of (unit, start, length, movable) by unit; ids in order."""
    found = {}
    for number, (unit, start, length, movable) in enumerate(rows, 1):
        period = span(start, length)
        one = Held(number, unit, period, period if movable else None)
        found.setdefault(unit, []).append(one)
    return found


def test_one_move_makes_room():
    # The first hour of unit 1 is taken, the third and fourth of unit 2: four hours fit nowhere.
    board = held((1, 0, 1, True), (2, 2, 2, True))
    found = seating(plain(2), board, span(0, 4), 1)
    assert found is not None
    assert [(m.allocation_id, m.to_unit) for m in found.moves] == [(1, 2)]
    assert found.blocks == ((1, span(0, 4)),)


def test_what_does_not_move_is_in_the_way():
    board = held((1, 0, 1, False), (2, 2, 2, False))
    assert seating(plain(2), board, span(0, 4), 1) is None


def test_the_fewest_moves_are_taken():
    board = held((1, 0, 1, True), (1, 2, 1, True), (2, 1, 1, True), (3, 3, 1, False))
    found = seating(plain(3), board, span(0, 4), 1)
    assert found is not None
    assert [m.allocation_id for m in found.moves] == [3]


def test_a_free_unit_needs_no_move():
    found = seating(plain(2), held((1, 0, 1, True)), span(0, 1), 1)
    assert found is not None
    assert (found.blocks[0][0], found.moves) == (2, ())


def test_a_named_unit_is_cleared():
    found = seating(plain(2), held((1, 0, 1, True)), span(0, 1), 1, onto=[1])
    assert found is not None
    assert (found.blocks[0][0], [m.to_unit for m in found.moves]) == (1, [2])


def test_nothing_goes_under_customs_supervision_that_was_not():
    board = held((1, 0, 1, True))
    assert seating(plain(2), board, span(0, 1), 1, onto=[1], supervised={2}) is None
    assert seating(plain(2), board, span(0, 1), 1, onto=[1], supervised={1, 2}) is not None


def test_buffers_of_the_new_unit_count():
    # Moved to unit 2, 9–10 would need its hour of clean-up, in which something stands.
    board = held((1, 0, 1, True), (2, 1, 1, False))
    assert seating(pool((0, 0), (0, 60)), board, span(0, 1), 1, onto=[1]) is None


def test_a_full_pool_of_200_is_given_up_soon():
    rows = [(unit, hour, 1, True) for unit in range(1, 201) for hour in range(8)]
    assert seating(plain(200), held(*rows), span(0, 8), 1) is None


# --- against brute force -----------------------------------------------------------------


@st.composite
def boards(draw):
    count = draw(st.integers(1, 4))
    units = pool(*[draw(st.sampled_from([(0, 0), (0, 0), (30, 0), (0, 60)])) for _ in range(count)])
    found, number = {}, 0
    for unit in units:
        cursor = 0.0
        for _ in range(draw(st.integers(0, 3))):
            start = cursor + draw(st.sampled_from([0, 0.5, 1, 2]))
            length = draw(st.sampled_from([0.5, 1, 2]))
            shown = span(start, length)
            block = shown.widened(unit.warmup_minutes, unit.cleanup_minutes)
            rows = found.setdefault(unit.unit_id, [])
            if rows and rows[-1].block.overlaps(block):
                continue
            number += 1
            movable = draw(st.booleans())
            rows.append(Held(number, unit.unit_id, block, shown if movable else None))
            cursor = start + length
    return units, found


def exists(units, board, period, quantity):
    """Return whether any choice of units and targets works, tried one after another."""

    def block(unit, shown):
        return shown.widened(unit.warmup_minutes, unit.cleanup_minutes)

    for seats in combinations(units, quantity):
        new = [(unit.unit_id, block(unit, period)) for unit in seats]
        others = [h for u, b in new for h in board.get(u, ()) if h.block.overlaps(b)]
        if any(h.shown is None for h in others):
            continue
        ways = [[u for u in units if u.unit_id != h.unit_id] for h in others]
        for targets in product(*ways):
            put = list(new)
            for h, unit in zip(others, targets, strict=True):
                there = block(unit, h.shown)
                stood = board.get(unit.unit_id, ())
                if any(s.block.overlaps(there) for s in stood):
                    break
                if any(u == unit.unit_id and p.overlaps(there) for u, p in put):
                    break
                put.append((unit.unit_id, there))
            else:
                return True
    return False


@settings(max_examples=600, deadline=None)
@given(boards(), st.sampled_from([0, 0.5, 1, 2]), st.sampled_from([1, 2, 3]), st.integers(1, 3))
def test_it_is_found_when_brute_force_finds_it(board, start, length, quantity):
    units, found = board
    period = span(start, length)
    answer = seating(units, found, period, quantity)
    assert (answer is not None) == exists(units, found, period, quantity)
    if answer is None:
        return
    moved = {move.allocation_id for move in answer.moves}
    stay = [h for rows in found.values() for h in rows if h.allocation_id not in moved]
    assert all(h.shown for rows in found.values() for h in rows if h.allocation_id in moved)
    blocks = {}
    for h in stay:
        blocks.setdefault(h.unit_id, []).append(h.block)
    for move in answer.moves:
        blocks.setdefault(move.to_unit, []).append(move.block)
    for unit_id, block in answer.blocks:
        blocks.setdefault(unit_id, []).append(block)
    assert len({unit_id for unit_id, _ in answer.blocks}) == quantity
    for rows in blocks.values():
        ordered = sorted(rows)
        assert all(a.end <= b.start for a, b in zip(ordered, ordered[1:], strict=False))
