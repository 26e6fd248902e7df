"""Every field of every form of the pages, filled with what no browser would send."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.conftest import NOW
from tests.hostile import forms, strings
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


@pytest.mark.parametrize("part", range(PARTS))
def test_no_field_of_any_form_breaks_a_page(world, targets, part):
    assert len(targets) > 30
    faults = []
    for target in targets[part::PARTS]:
        client = world.client(target.role)
        for number, name in enumerate(target.fields):
            turn = part + number
            for value in strings.FEW if target.whole else strings.FEW[turn % 6 :: 6]:
                fault = forms.tried(client, target.address, {**target.fields, name: value})
                if fault:
                    faults.append((target.address, name, value[:20], fault))
        world.restore()

    assert faults == []


def test_there_are_strings_enough_for_the_drill():
    assert len({str(one) for one in strings.ALL}) >= 100
