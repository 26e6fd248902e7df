"""What a tenant writes is nowhere on what others get, however they ask for it.

tests/matrix/world.py holds every answer of the matrix against the planted words. Here every page
and API address is asked what the matrix does not ask: each parameter it reads is filled with the
beginning of words, and with ids, that are not for the reader. Nothing may tell them from words and
ids that do not exist: no row, count, facet, correction, error or header.
"""

import re
from collections.abc import Iterator

import pytest
import time_machine

from tests.conftest import NOW
from tests.matrix import MISSING
from tests.matrix.noting import noted
from tests.matrix.world import World, access

# Of each kind of outsider one: member, lab manager, representative; Cy is company B's.
STRANGERS = ("ada", "cy", "mei", "rae")
OF_WEST = ("zqxleakada", "zqxleakwest", "zqxleakwestmodelz")  # the last: one letter short
OF_EAST = ("zqxleakcy", "zqxleakmail", "zqxleakeast", "zqxleakeastmodelz")
FOREIGN = {"ada": OF_EAST, "mei": OF_EAST, "cy": OF_WEST, "rae": OF_WEST}
NONSENSE = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
# What a parameter's name says its number is: of West and company A, of East and company B.
NUMBERS = {
    r"pool": ("unshared_pool", "east_hidden"), r"unit": ("west_unit", "east_unit"),
    r"company|party": ("company_a", "company_b"), r"person|user|thing": ("ada_id", "cy_id"),
    r"replaces": ("ada_booking", "cy_booking"),
}  # fmt: skip
TEXTS = re.compile(r"q|person|recipient|thing|model|tag|category|platform|institution|lab|reason")
GIVEN = "minutes=60&scope=company&show=all&"  # without which some pages do not look
_READ: dict[str, set[str]] = {}


@pytest.fixture(scope="module")
def world(sqlite_template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return the matrix' world, which has the words."""
    with time_machine.travel(NOW, tick=False):
        made = World.build(sqlite_template, tmp_path_factory.mktemp("leaks"))
        yield made
    made.close()


@pytest.fixture(scope="module")
def learned(world: World) -> None:
    """Note which parameters each page reads, as the operator, who gets furthest."""
    with noted(world.app) as names:
        for endpoint, case in pages():
            names.clear()
            address = world.url(endpoint, case.params)
            if world.client("ops").get(f"{address}?{GIVEN}").status_code != 200:
                world.client("ada").get(f"{address}?{GIVEN}")
            _READ[endpoint] = set(names)


def pages() -> Iterator[tuple[str, object]]:
    """Yield (endpoint, first case) of every page that is read."""
    for key, (case, *_others) in sorted(access().items()):
        if key.startswith("GET ") and not key.startswith("GET health."):
            yield key.split()[1], case


def asked(endpoint: str, role: str) -> Iterator[tuple[str, str]]:
    """Yield pairs of values whose answers must not differ, as query strings with one {}."""
    names = sorted(_READ[endpoint])
    number = 1 if role in ("ada", "mei") else 0
    plain = [name for name in names if TEXTS.fullmatch(name)]
    for word in FOREIGN[role] if plain else ():
        nonsense = NONSENSE[: len(word)]
        yield (
            "&".join(f"{name}={word}" for name in plain),
            "&".join(f"{name}={nonsense}" for name in plain),
        )
    for name in names:
        for pattern, ids in NUMBERS.items():
            if re.search(pattern, name):
                yield f"{name}={{{ids[number]}}}", f"{name}={MISSING}"


def said(text: str, query: str) -> str:
    """Return an answer without what was asked, and without a form's key, new each time."""
    text = re.sub(r'"[0-9a-f]{32}"', '"?"', text)
    value = query.split("=")[-1]
    if not value.isdigit():
        return text.replace(value, "?")
    name = query.split("=")[0]
    return re.sub(rf'({name}(?:=|%3D)|name="{name}"[^>]*value="){value}\b', r"\1?", text)


@pytest.mark.parametrize("role", STRANGERS)
def test_no_page_tells_what_is_foreign_from_what_is_not_there(world, learned, role):
    client, told, opened = world.client(role), [], 0
    for endpoint, case in pages():
        address = world.url(endpoint, case.params)
        for foreign, missing in asked(endpoint, role):
            foreign = foreign.format_map(world.ids)
            answers = [client.get(f"{address}?{GIVEN}{query}") for query in (foreign, missing)]
            opened += answers[0].status_code == 200
            assert world.leaks(role, answers[0]) == set(), (endpoint, foreign)
            first, second = (
                (answer.status_code, said(answer.text, query))
                for answer, query in zip(answers, (foreign, missing), strict=True)
            )
            if first != second:
                told.append((endpoint, foreign))

    assert opened > 10
    assert told == []
