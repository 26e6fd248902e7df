"""Every page × every role: generated from the routes themselves, so none can be forgotten.

A new route is added in tests/matrix/<feature>.py; until then the first test here fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

import pytest
import time_machine
from flask import Flask
from werkzeug.routing import Rule

from tests.answers import lacking
from tests.conftest import NOW
from tests.matrix import ANONYMOUS, AUDITOR, MISSING, OPERATOR, OWN_ACCOUNT, ROLES, SAFE, Case
from tests.matrix.world import World, access, missing
from tests.pages import said

ACCESS = access()
REFUSED = (403, 404)
FOR_PROGRAMS = ("/api/", "/caldav/", "/.well-known/caldav")
MALFORMED = ("0", "-1", "x", "9" * 20)
CASES = [(key, n) for key, cases in sorted(ACCESS.items()) for n in range(len(cases))]
READS = [key for key in sorted(ACCESS) if key.startswith("GET ")]
# Those whose address names a thing.
NAMING = [key for key in sorted(ACCESS) if ACCESS[key][0].params]


def pages(app: Flask) -> dict[str, Rule]:
    """Return "METHOD endpoint" -> rule for all but static files, and API and CalDAV.

    These know no sessions: tests/api/test_matrix_api.py and tests/feeds/test_dav.py are theirs.
    """
    return {
        f"{method} {rule.endpoint}": rule
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.endpoint != "static" and not rule.rule.startswith(FOR_PROGRAMS)
    }


@pytest.fixture(scope="module")
def world(sqlite_template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return the world, its clock stopped ten minutes after everybody signed in."""
    with time_machine.travel(NOW, tick=False) as traveller:
        made = World.build(sqlite_template, tmp_path_factory.mktemp("matrix"))
        traveller.shift(600)
        yield made
    made.close()


def test_every_page_is_in_the_matrix_and_nothing_else(app):
    routes = set(pages(app))

    assert sorted(routes - set(ACCESS)) == [], "add these to tests/matrix/<feature>.py"
    assert sorted(set(ACCESS) - routes) == [], "these routes are gone"
    assert sorted(key for key, rule in pages(app).items() if rule.arguments) == NAMING


@dataclass
class Asked:
    """What each role got at one case, and what of it was not as it must be."""

    got: dict[str, int] = field(default_factory=dict)
    unguarded: dict[str, dict[str, str]] = field(default_factory=dict)
    wrote: set[str] = field(default_factory=set)


@dataclass
class Read:
    """What reading one page came to, by case, and the digests before it and after."""

    cases: list[Asked]
    before: str
    after: str


@pytest.fixture(scope="module")
def read(world: World) -> Callable[[str], Read]:
    """Return a function that has everybody read a page, once whoever asks for it."""

    @cache
    def _read(key: str) -> Read:
        world.restore()
        before = world.digest()
        cases = [asked(world, key, case) for case in ACCESS[key]]
        return Read(cases, before, world.digest())

    return _read


def asked(world: World, key: str, case: Case) -> Asked:
    """Have each role ask for one case."""
    method, endpoint = key.split()
    found = Asked()
    for role in (*ROLES, ANONYMOUS):
        if method not in SAFE:
            world.restore(seen=True)
        answer = world.ask(role, method, endpoint, case)
        found.got[role] = answer.status_code
        if headers := lacking(answer):
            found.unguarded[role] = headers
        if answer.status_code in REFUSED and method not in SAFE and world.has_changed():
            found.wrote.add(role)
    return found


@pytest.mark.parametrize(("key", "n"), CASES, ids=[f"{key} {n}" for key, n in CASES])
def test_each_role_gets_what_the_table_says(world, read, key, n):
    case = ACCESS[key][n]
    found = read(key).cases[n] if key in READS else asked(world, key, case)

    assert found.got == {role: case.expected(role, key) for role in (*ROLES, ANONYMOUS)}
    assert found.wrote == set(), "refused, and written all the same"
    assert found.unguarded == {}


@pytest.mark.parametrize("key", NAMING)
def test_what_does_not_exist_answers_like_what_is_foreign(world, key):
    method, endpoint = key.split()
    rule = pages(world.app)[key]
    world.restore(seen=True)
    nothing = Case(params=missing(rule.arguments), form=ACCESS[key][0].form)
    for role in ROLES:
        gone = world.ask(role, method, endpoint, nothing)
        sends = method not in SAFE and not endpoint.startswith(OWN_ACCOUNT)
        refused = 403 if role == AUDITOR and sends else 404
        assert gone.status_code == refused, role
        for case in ACCESS[key]:
            if case.expected(role, key) == refused == 404:
                foreign = world.ask(role, method, endpoint, case)
                assert said(foreign.text) == said(gone.text)


@pytest.mark.parametrize("key", NAMING)
def test_what_no_id_can_be_answers_like_what_does_not_exist(world, key):
    method, endpoint = key.split()
    rule = pages(world.app)[key]
    numbers = {name for name in rule.arguments if name.endswith("_id")}
    world.restore(seen=True)
    address = world.url(endpoint, missing(rule.arguments))
    may = [role for role in ACCESS[key][0].yes.split() if role != AUDITOR] or ["ada"]
    for role in {may[0], "cy", ANONYMOUS} if numbers else ():
        client = world.client(role)
        gone = client.open(address, method=method)
        for malformed in MALFORMED:
            answer = client.open(address.replace(str(MISSING), malformed), method=method)
            if role == ANONYMOUS:
                assert answer.status_code in (404, gone.status_code), malformed
            else:
                assert (gone.status_code, answer.status_code) == (404, 404), (role, malformed)
                assert said(gone.text) == said(answer.text)


@pytest.mark.parametrize("key", READS)
def test_reading_changes_nothing_but_the_bookkeeping(read, key):
    found = read(key)

    assert found.after == found.before


def test_the_digest_notices_a_change(world):
    world.restore()
    before = world.digest()
    world.ask("ada", "POST", "reservations.cancel", ACCESS["POST reservations.cancel"][0])

    assert world.digest() != before


@pytest.mark.parametrize("key", [key for key in sorted(ACCESS) if key.split()[0] not in SAFE])
def test_without_its_token_no_form_is_taken(world, key, monkeypatch):
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", True)
    world.restore(seen=True)
    method, endpoint = key.split()
    before = world.digest()

    for case in ACCESS[key]:
        for role in {*case.yes.split(), *case.shown.split(), OPERATOR, ANONYMOUS}:
            assert world.ask(role, method, endpoint, case).status_code == 400

    assert world.digest() == before
