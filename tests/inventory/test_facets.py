"""Narrowing found pools and counting what each tick would leave."""

import pytest

from booking.inventory.rules.facets import Chosen, Match, most_specific, narrow, paths

PATHS = paths(
    [
        ("01", None), ("0101", "01"), ("0102", "01"), ("010101", "0101"),
        ("02", None),
        ("99", "99"),  # names itself as parent
        ("a", "b"), ("b", "a"),  # a loop
        ("x", "gone"),  # the parent is not there
    ]
)  # fmt: skip

MATCHES = [
    Match(1, "010101", platform_id=1, site_id=1, institution_id=7, in_service=True),
    Match(2, "0102", platform_id=1, site_id=2, institution_id=7, in_service=True),
    Match(3, "02", platform_id=2, site_id=2, institution_id=8, in_service=False),
    Match(4, None, platform_id=None, site_id=1, institution_id=8, in_service=True),
]


def ids(**chosen):
    """Return the ids that pass, and the facets."""
    passed, facets = narrow(MATCHES, Chosen(**chosen), PATHS)
    return [match.pool_id for match in passed], facets


def test_a_path_leads_from_the_top_whatever_the_dictionary_says():
    assert PATHS["010101"] == ("01", "0101", "010101")
    assert PATHS["99"] == ("99",)
    assert PATHS["a"] == ("b", "a")
    assert PATHS["x"] == ("x",)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"categories": frozenset({"01"})}, [1, 2]),  # a top class holds all below it
        ({"categories": frozenset({"0101"})}, [1]),
        ({"categories": frozenset({"010101"})}, [1]),
        ({"categories": frozenset({"01", "0102"})}, [2]),  # the part narrows the whole
        ({"categories": frozenset({"0101", "02"})}, [1, 3]),
        ({"categories": frozenset({"nonsense"})}, []),
        ({"platforms": frozenset({1, 2})}, [1, 2, 3]),  # within a facet: or
        ({"platforms": frozenset({1}), "sites": frozenset({2})}, [2]),  # between facets: and
        ({"institutions": frozenset({8})}, [3, 4]),
        ({"in_service": True}, [1, 2, 4]),
    ],
)
def test_ticks_narrow(chosen, expected):
    assert ids(**chosen)[0] == expected


def test_counts_without_ticks_are_of_everything():
    facets = ids()[1]
    assert facets.categories == {"01": 2, "0101": 1, "010101": 1, "0102": 1, "02": 1}
    assert facets.platforms == {1: 2, 2: 1}
    assert facets.sites == {1: 2, 2: 2}
    assert facets.in_service == 3


def test_a_facet_is_counted_without_its_own_ticks_but_with_the_others():
    facets = ids(sites=frozenset({1}))[1]
    assert facets.sites == {1: 2, 2: 2}
    assert facets.platforms == {1: 1}
    assert facets.categories == {"01": 1, "0101": 1, "010101": 1}


def test_the_count_of_a_value_is_what_choosing_it_alone_gives():
    base = {"institutions": frozenset({7})}
    facets = ids(**base)[1]
    for site, count in facets.sites.items():
        assert len(ids(**base, sites=frozenset({site}))[0]) == count


def test_a_ticked_class_gives_way_to_a_ticked_part_of_it():
    assert most_specific(frozenset({"01", "010101", "02"}), PATHS) == {"010101", "02"}


def test_ticks_are_counted():
    chosen = Chosen(categories=frozenset({"01", "02"}), sites=frozenset({1}), in_service=True)
    assert chosen.count == 4
