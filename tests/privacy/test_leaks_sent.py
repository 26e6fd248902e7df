"""Nothing that is sent along tells what is foreign from what is not there: forms' fields, bodies.

Each id that a form or a call of the API reads is another tenant's once, and nobody's once.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hostile.calls import calls
from tests.matrix import MISSING
from tests.matrix.noting import noted
from tests.matrix.world import World, access
from tests.privacy.test_leaks import NUMBERS, STRANGERS
from tests.privacy.test_leaks import world as world  # the matrix' world

# Mei's rules may name any company: all of them are hers to choose from.
CHOSEN = {"mei": r"company|party"}
KEYS = re.compile(r'"[0-9a-f]{32}"|(?<=csrf_token" value=)"[^"]*"')
NO_ID = re.compile(r"^person$|units$|hours$")  # read of every request; how many
ONE_OF = {"pool_id", "unit_id"}
ALSO = {r"institution": ("west_id", "east_id"), r"behalf": ("ada_id", "cy_id")}


def foreign(role: str, name: str, numbers: dict[str, tuple[str, str]]) -> str | None:
    """Return what names a thing that is not for this role in a field of this name, if one can."""
    if re.search(CHOSEN.get(role, r"^$"), name):
        return None
    for pattern, ids in numbers.items():
        if re.search(pattern, name):
            return ids[role in ("ada", "mei")]
    return None


def pairs(role: str, name: str, key: int) -> tuple[str, str]:
    """Return how a form says this id, and one of nothing."""
    begins = "company-" if name == "party" else ""
    return f"{begins}{key}", f"{begins}{MISSING}"


def forms(world: World, role: str) -> Iterator[tuple[str, dict[str, str], set[str]]]:
    """Yield address, fields and all names read of each form that this role may send."""
    with noted(world.app) as names:
        for key, cases in sorted(access().items()):
            method, endpoint = key.split()
            case = next((case for case in cases if role in case.yes.split()), None)
            if method != "POST" or case is None or endpoint == "accounts.sign_out":
                continue
            names.clear()
            world.ask(role, method, endpoint, case)
            world.restore()
            query = f"?{case.query.format_map(world.ids)}" if case.query else ""
            given = {name: value.format_map(world.ids) for name, value in case.form.items()}
            yield world.url(endpoint, case.params) + query, given, set(names)


def shown(answer: Any, key: int) -> tuple[object, ...]:
    """Return an answer without a form's keys, new each time, as if `key` had been sent."""
    leads, text = answer.headers.get("Location", ""), KEYS.sub('"?"', answer.text)
    return answer.status_code, *(words.replace(str(MISSING), str(key)) for words in (leads, text))


def told_apart(first: tuple[object, ...], second: tuple[object, ...]) -> list[object]:
    """Return what two answers differ in, shortly."""
    lines = (set(str(first[-1]).splitlines()), set(str(second[-1]).splitlines()))
    return [first[:2], second[:2], *(sorted(one)[:3] for one in (lines[0] ^ lines[1],))]


@pytest.mark.parametrize("role", STRANGERS)
def test_no_field_of_a_form_tells_what_is_foreign(world, role):
    told, sent = [], 0
    for address, given, names in forms(world, role):
        for name in sorted(name for name in names if not NO_ID.search(name)):
            thing = foreign(role, name, NUMBERS)
            if thing is None:
                continue
            answers = []
            for value in pairs(role, name, world.ids[thing]):
                answer = world.client(role).post(address, data={**given, name: value})
                assert world.leaks(role, answer) == set(), (address, name)
                answers.append(shown(answer, world.ids[thing]))
                world.restore()
            sent += 1
            if answers[0] != answers[1]:
                told.append((address, name, *told_apart(*answers)))

    assert told == []
    assert sent > 3


def test_no_member_of_a_body_tells_what_is_foreign(world):
    told, sent = [], 0
    for target in calls(world):
        for name in target.names if target.role == "ada" else ():
            thing = foreign("ada", name, {**NUMBERS, **ALSO})
            if thing is None:
                continue
            answers = []
            for value in (world.ids[thing], MISSING):
                one = ONE_OF if name in ONE_OF else set()
                given = {name: known for name, known in target.fields.items() if name not in one}
                call = target.call({**given, name: value})
                answer = world.client("").open(target.address, method=target.method, **call)
                assert world.leaks("ada", answer) == set(), (target.address, name)
                answers.append(shown(answer, world.ids[thing]))
                world.restore()
            sent += 1
            if answers[0] != answers[1]:
                told.append((target.method, target.address, name, *told_apart(*answers)))

    assert told == []
    assert sent > 10
