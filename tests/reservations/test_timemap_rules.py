"""The map of time, quarter by quarter, against a plain list of what is held when."""

import random

import pytest

from booking.reservations.rules.timemap import (
    QUARTER,
    Fleet,
    Sweep,
    TimeMap,
    fleet_of,
    needed,
    runs,
)

ORIGIN, QUARTERS = 90_000, 40
END = QUARTERS * QUARTER


def quarters(number):
    """Return the places of the bits that are set."""
    return {n for n in range(number.bit_length()) if number >> n & 1}


def bits(*places):
    return sum(1 << place for place in places)


def filled(*blocks, units=20):
    """Return a map of blocks whose times are given from its origin on."""
    time = TimeMap(ORIGIN, QUARTERS)
    time.fill([(bit, ORIGIN + start, ORIGIN + end) for bit, start, end in blocks], units)
    return time


BLOCKS = [
    (900, 1800, {1}),
    (901, 2700, {2}),  # the first quarter is not held whole
    (899, 2699, {1}),
    (900, 1799, set()),
    (901, 1799, set()),
    (0, 900, {0}),
    (-1, 899, set()),
    (-5000, 1800, {0, 1}),
    (-5000, -900, set()),
    (-5000, 0, set()),
    (END - 1800, END + 1, {38, 39}),
    (END - 900, END, {39}),
    (END, END + 9000, set()),
    (END + 900, END + 9000, set()),
    (-900, END + 900, set(range(QUARTERS))),
]


@pytest.mark.parametrize("bit", [0, 7, 8, 79])
@pytest.mark.parametrize(("start", "end", "held"), BLOCKS)
def test_a_quarter_is_held_when_one_block_covers_it_whole(bit, start, end, held):
    at_once, told = filled((bit, start, end), units=bit + 1), TimeMap(ORIGIN, QUARTERS)
    told.hold((bit, ORIGIN + start, ORIGIN + end))
    rows = [1 << bit if quarter in held else 0 for quarter in range(QUARTERS)]
    assert at_once.rows == told.rows == rows


def test_what_is_freed_frees_its_own_unit_only():
    time = filled((0, 0, 2700), (3, 0, 2700), (9, 900, 1800))
    time.free((3, ORIGIN + 900, ORIGIN + 2700))
    assert time.rows[:4] == [bits(0, 3), bits(0, 9), bits(0), 0]


def test_a_map_ends_after_its_last_quarter():
    assert filled().end == ORIGIN + END
    seconds = (-1, 0, 899, 900, END)
    assert [filled().quarter_of(ORIGIN + second) for second in seconds] == [-1, 0, 0, 1, 40]


@pytest.mark.parametrize(
    ("first", "last", "units"),
    [
        (0, 1, {0}), (0, 2, {0, 4}), (1, 2, {4}), (2, 3, set()), (1, 1, set()), (3, 40, {5}),
        (-3, 1, {0}), (-3, 0, set()), (-3, -1, set()), (39, 99, {5}), (40, 50, set()),
    ],
)  # fmt: skip
def test_who_is_held_in_any_of_some_quarters(first, last, units):
    time = filled((0, 0, 900), (4, 900, 1800), (5, END - 900, END))
    assert quarters(time.held(first, last)) == units


@pytest.mark.parametrize(
    ("span", "met"),
    [
        ((0, 1), {0}), ((0, 900), {0}), ((0, 901), {0, 1}), ((899, 901), {0, 1}), ((900, 900), ()),
        ((-900, 1), {0}), ((-900, 0), ()), ((-9000, -900), ()), ((END - 1, END), {39}),
        ((END - 1, END + 5000), {39}), ((END, END + 5000), ()), ((END + 900, END + 5000), ()),
    ],
)  # fmt: skip
def test_a_span_meets_each_quarter_of_which_a_part_lies_in_it(span, met):
    start, end = span
    assert quarters(filled().quarters_of([(ORIGIN + start, ORIGIN + end)])) == set(met)


def test_spans_meet_quarters_together():
    spans = [(ORIGIN, ORIGIN + 1800), (ORIGIN + 900, ORIGIN + 2700), (ORIGIN + 4500, ORIGIN + 4501)]
    assert quarters(filled().quarters_of(spans)) == {0, 1, 2, 5}
    assert filled().quarters_of([]) == 0


def test_a_time_surely_meets_as_many_quarters_as_it_is_long():
    assert [needed(seconds) for seconds in (1, 899, 900, 901, 1800, 1801)] == [1, 1, 1, 2, 2, 3]


@pytest.mark.parametrize("length", range(1, 20))
def test_one_run_begins_where_so_many_are_left_of_it(length):
    assert quarters(runs(bits(*range(3, 19)), length)) == set(range(3, 20 - length))


# --- which pools could start when --------------------------------------------------------


def test_a_fleet_numbers_units_and_keeps_the_numbers_it_knew():
    rows = [(70, 1, 0, 0), (71, 2, 15, 0), (50, 1, 0, 0), (72, 1, 15, 30)]
    fleet = fleet_of(rows, {60: 0, 50: 1})
    assert fleet.bits == {60: 0, 50: 1, 70: 2, 71: 3, 72: 4}
    assert list(fleet.pool_of) == [0, 1, 1, 2, 1]
    assert fleet.pools == {1: bits(1, 2, 4), 2: bits(3)}
    assert fleet.buffers == {(0, 0): bits(1, 2), (15, 0): bits(3), (15, 30): bits(4)}
    assert fleet_of([], {}) == Fleet({}, [], {}, {})


@pytest.mark.parametrize(
    ("warmup", "cleanup", "seconds"),
    [
        (0, 0, 900), (0, 0, 3600), (0, 0, 3601), (15, 0, 900), (14, 0, 900), (74, 0, 900),
        (75, 0, 900), (0, 15, 3600), (0, 16, 3600), (30, 30, 7200), (0, 0, 18 * 3600),
        (15, 15, 30 * 3600),
    ],
)  # fmt: skip
def test_a_start_is_ruled_out_by_a_quarter_it_surely_needs(warmup, cleanup, seconds):
    fleet = fleet_of([(1, 7, warmup, cleanup)], {})
    time, block = TimeMap(0, 300), 150
    time.hold((0, block * QUARTER, (block + 1) * QUARTER))
    sweep = Sweep(time, fleet, {7: (1 << 300) - 1}, seconds, 1)
    after = -(-(seconds + 60 * cleanup) // QUARTER)
    barred = set(range(block - after + 1, block + warmup // 15 + 1))
    assert {n for n in range(300) if sweep.next(7, n) != n} == barred
    assert sweep.next(7, min(barred)) == max(barred) + 1


def test_nothing_starts_where_the_rules_do_not_let_it():
    sweep = Sweep(filled(), fleet_of([(1, 7, 0, 0)], {}), {7: bits(3, 9)}, 900, 1)
    assert [sweep.next(7, n) for n in (-5, 0, 3, 4, 9, 10)] == [3, 3, 3, 9, 9, None]
    assert sweep.next(8, 0) is None


def test_pools_come_in_order_of_their_first_start_each_once():
    units = [(1, 9, 0, 0), (2, 5, 0, 0), (3, 6, 0, 0), (4, 6, 0, 0), (5, 8, 0, 0)]
    time = filled((1, 0, 2700), (2, 0, 9000))
    fleet = fleet_of(units, {})
    starts = {5: bits(*range(2, 30)), 6: bits(3, 4, 20), 8: 0, 4: bits(1)}
    sweep = Sweep(time, fleet, starts, 1800, 1)
    assert sweep.frontier == 2
    assert (sweep.advance(), sweep.frontier, sweep.come) == ([], 3, set())
    assert (sweep.advance(), sweep.come) == ([5, 6], {5, 6})
    # Nobody is left, though the rules would let more start later.
    assert (sweep.advance(), sweep.frontier) == ([], QUARTERS)


def test_two_units_are_needed_of_one_pool_not_of_two():
    units = [(1, 5, 0, 0), (2, 6, 0, 0), (3, 5, 0, 0)]
    time = filled((2, 0, 3600))
    sweep = Sweep(time, fleet_of(units, {}), {5: bits(*range(9)), 6: bits(*range(9))}, 900, 2)
    came = {}
    while sweep.frontier < QUARTERS:
        quarter = sweep.frontier
        came |= dict.fromkeys(sweep.advance(), quarter)
    assert came == {5: 4}
    assert (sweep.next(5, 0), sweep.next(6, 0)) == (4, None)


@pytest.mark.parametrize("seed", range(12))
def test_a_sweep_rules_out_just_what_its_quarters_say(seed):
    chance = random.Random(seed)
    span, quantity = 120, chance.choice([1, 2, 3])
    seconds = chance.choice([900, 5000, 30_000])
    units = [(100 + u, chance.randrange(4), chance.choice([0, 15, 74]), chance.choice([0, 20]))
             for u in range(10)]  # fmt: skip
    fleet, time = fleet_of(units, {103: 0}), TimeMap(0, span)
    time.rows = [chance.getrandbits(10) & chance.getrandbits(10) & chance.getrandbits(10)
                 for _ in range(span)]  # fmt: skip
    starts = {pool: chance.getrandbits(span) & ~0b11 for pool in range(3)}

    def could(pool, quarter):
        ready = 0
        for unit, home, warmup, cleanup in units:
            last = quarter + -(-(seconds + cleanup * 60) // QUARTER)
            rows = time.rows[max(quarter - warmup // 15, 0) : last]
            ready += home == pool and not any(row >> fleet.bits[unit] & 1 for row in rows)
        return starts.get(pool, 0) >> quarter & 1 and ready >= quantity

    sweep, came = Sweep(time, fleet, starts, seconds, quantity), {}
    while sweep.frontier < span:
        quarter = sweep.frontier
        came |= dict.fromkeys(sweep.advance(), quarter)
        assert sweep.come == set(came)
    for pool in range(4):
        possible = [quarter for quarter in range(span) if could(pool, quarter)]
        assert sweep.next(pool, 0) == next(iter(possible), None)
        assert came.get(pool) == next(iter(possible), None)
        for quarter, later in zip(possible, possible[1:], strict=False):
            assert sweep.next(pool, quarter + 1) == later
