"""The order of a draw: turns, least recent use, lots; when somebody asked never counts."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.core.period import Period
from booking.reservations.rules.draws import Entrant, Use, lot, places, sealed

DAY = datetime(2026, 12, 1, tzinfo=UTC)
ALPHA, BETA, WEST = (1, None), (2, None), (None, 1)
NO_USE = Use({}, {})


def wants(entry_id, user_id, party=ALPHA, hour=9):
    start = DAY + timedelta(hours=hour)
    return Entrant(entry_id, user_id, party, Period(start, start + timedelta(hours=1)))


def order(entrants, use=NO_USE, seed="s"):
    return [place.entry_id for place in places(entrants, use, seed)]


def test_who_used_least_comes_first():
    three = [wants(1, 11, ALPHA), wants(2, 12, BETA), wants(3, 13, WEST)]
    assert order(three, Use({11: 60, 12: 30, 13: 90}, {})) == [2, 1, 3]


def test_of_equals_the_party_that_used_least_comes_first():
    two = [wants(1, 11, ALPHA), wants(2, 12, BETA)]
    assert order(two, Use({}, {ALPHA: 10})) == [2, 1]
    # One's own use counts before the party's.
    assert order(two, Use({12: 1}, {ALPHA: 10})) == [1, 2]


def test_nobody_has_a_second_place_before_everybody_had_a_first():
    greedy = [wants(n, 11, ALPHA, hour=8 + n) for n in range(1, 4)]
    modest = [wants(9, 12, BETA)]
    ranked = places([*greedy, *modest], Use({12: 6000}, {BETA: 6000}), "s")
    assert [(place.entry_id, place.turn) for place in ranked] == [(1, 1), (9, 1), (2, 2), (3, 3)]


def test_a_company_takes_turns_like_one_person():
    many = [wants(n, 20 + n, ALPHA) for n in range(1, 4)]
    one = [wants(9, 12, BETA)]
    ranked = places([*many, *one], Use({12: 6000, 21: 5, 22: 3, 23: 4}, {}), "s")
    assert [(place.entry_id, place.turn) for place in ranked] == [(2, 1), (9, 1), (3, 2), (1, 3)]


def test_who_books_for_two_companies_is_one_person():
    both = [wants(1, 11, ALPHA, hour=8), wants(2, 11, BETA, hour=9), wants(3, 12, BETA, hour=9)]
    assert order(both, Use({12: 60}, {})) == [1, 3, 2]


def test_equals_are_drawn_and_anybody_can_check_it():
    equals = [wants(n, n, (n, None)) for n in range(1, 9)]
    first, again, other = (places(equals, NO_USE, seed) for seed in ("a", "a", "b"))
    assert first == again != other
    assert [p.lot for p in first] == sorted(lot("a", n) for n in range(1, 9))
    assert sealed("a") != sealed("b")


entrants = st.lists(
    st.builds(
        wants, st.just(0), st.integers(1, 6), st.sampled_from([ALPHA, BETA, WEST]),
        st.integers(8, 12),
    ),
    unique_by=lambda one: (one.user_id, one.period, one.party), max_size=14,
)  # fmt: skip
minutes = st.integers(0, 3).map(lambda n: n * 60)


@given(
    entrants, st.dictionaries(st.integers(1, 6), minutes),
    st.dictionaries(st.sampled_from([ALPHA, BETA, WEST]), minutes), st.randoms(),
)  # fmt: skip
def test_when_somebody_asked_never_counts(asked, by_person, by_party, chance: random.Random):
    def ranked(arrived):
        numbered = [replace(one, entry_id=n) for n, one in enumerate(arrived)]
        return [
            (replace(numbered[place.entry_id], entry_id=0), place.turn)
            for place in places(numbered, Use(by_person, by_party), "seed")
        ]

    later = list(asked)
    chance.shuffle(later)
    assert ranked(asked) == ranked(later)
    turns = [turn for _one, turn in ranked(asked)]
    assert turns == sorted(turns)
