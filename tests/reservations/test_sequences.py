"""The earliest sequence against every sequence there is."""

import itertools
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from booking.reservations.rules.sequences import Step, common_starts, earliest_sequence
from tests.conftest import NOW

MINUTE = timedelta(minutes=15)
lengths = st.integers(1, 4)
gaps = st.tuples(st.integers(0, 3), st.none() | st.integers(0, 4)).map(
    lambda gap: (gap[0], None if gap[1] is None else gap[0] + gap[1])
)
steps = st.lists(st.tuples(lengths, gaps), min_size=1, max_size=4)


def at(number: int) -> datetime:
    return NOW + number * MINUTE


def step(length, gap):
    least, most = gap
    return Step(length * MINUTE, least * MINUTE, None if most is None else most * MINUTE)


@settings(max_examples=400, deadline=None)
@given(st.data(), steps)
def test_no_sequence_is_earlier_than_the_one_found(data, drawn):
    asked = [step(*one) for one in drawn]
    able = [
        [at(n) for n in sorted(data.draw(st.sets(st.integers(0, 24), max_size=6)))] for _ in asked
    ]

    def keeps(starts):
        ends = [s + one.length for s, one in zip(starts, asked, strict=True)]
        return all(asked[n].follows(ends[n - 1], starts[n]) for n in range(1, len(asked)))

    every = [starts for starts in itertools.product(*able) if keeps(starts)]
    found = earliest_sequence(asked, able)

    assert (found is None) == (not every)
    if found is not None:
        assert tuple(period.start for period in found) == min(every)
        assert [period.length for period in found] == [one.length for one in asked]


@given(st.lists(st.sets(st.integers(0, 30), max_size=20), max_size=4))
def test_common_starts_are_in_all_and_in_order(sets):
    found = common_starts([[at(n) for n in sorted(numbers)] for numbers in sets])

    assert found == sorted({at(n) for n in set.intersection(*sets)} if sets else [])
