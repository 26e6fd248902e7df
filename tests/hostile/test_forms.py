"""Every field of every form, and what pages read of addresses: what no browser would send."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.conftest import NOW
from tests.hostile import forms, strings
from tests.hostile.calls import calls
from tests.matrix.world import World

PARTS = 6  # each is over long before the limit of a test


@pytest.fixture(scope="module")
def world(sqlite_template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return the matrix' world, which has a thing of every kind."""
    with time_machine.travel(NOW, tick=False):
        made = World.build(sqlite_template, tmp_path_factory.mktemp("hostile"))
        yield made
    made.close()


@pytest.fixture(scope="module")
def targets(world: World) -> list[forms.Target]:
    """Return every form on the pages."""
    return forms.targets(world)


def few(target: forms.Target, number: int) -> tuple[Any, ...]:
    """Return the strings each field meets each time; the drill has all of them meet all."""
    named = any(str(value).startswith("company-") for value in target.fields.values())
    values = (*strings.FEW, *strings.PARTIES) if named or "party" in target.names else strings.FEW
    if target.method == "GET":
        return values[number % 3 :: 3]
    return values if target.whole else values[number % 6 :: 6]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_field_of_any_form_breaks_a_page(world, targets, part):
    assert len(targets) > 30
    faults = []
    for number, target in enumerate(targets[part::PARTS]):
        found = forms.met(world, target, few(target, number))
        faults += [(target.address, name, value[:20], fault) for name, value, fault in found]
        world.restore()

    assert faults == []


def test_no_field_of_any_call_breaks_the_api(world):
    found = [
        (target.method, target.address, name, str(value)[:20], fault)
        for target in calls(world)
        for name, value, fault in forms.met(world, target, strings.FEW)
    ]

    assert found == []


def test_there_are_strings_enough_for_the_drill():
    assert len({str(one) for one in strings.ALL}) >= 100
