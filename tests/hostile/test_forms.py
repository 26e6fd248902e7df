"""Every field of every form of the pages, filled with what no browser would send."""

import re
import time
from collections.abc import Iterator
from html import unescape

import pytest
import time_machine

from tests.conftest import NOW
from tests.matrix.world import World, access

SCRIPT = "<script>alert(1)</script>"
# Each met a fault once, or is of a kind that often does.
HOSTILE = (
    "a\x00b", "9" * 30, "9" * 5000, "0001-01-01", "9999-12-31", f"company-{'9' * 30}",
    f"company-{'9' * 5000}", "x" * 30_000, SCRIPT, "%_'\"", "22:00-22:00", b"\xed\xa0\x80",
)  # fmt: skip
# One form, one view and one service at each place: every field meets every value at the pool's, and
# two of them in turn at the others.
AT_EACH_PLACE = {"rules", "quotas"}
SECONDS = 2  # of the processor, which others may have
PARTS = 6  # each is over long before the limit of a test
_FORM = re.compile(r'<form[^>]*method="post"[^>]*>.*?</form>', re.S)
_FIELD = re.compile(r"<(?:input|select|textarea|button)[^>]*>")
_SELECT = re.compile(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', re.S)


@pytest.fixture(scope="module")
def world(sqlite_template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return the matrix' world, which has a thing of every kind."""
    with time_machine.travel(NOW, tick=False):
        made = World.build(sqlite_template, tmp_path_factory.mktemp("hostile"))
        yield made
    made.close()


def attribute(tag: str, name: str) -> str | None:
    """Return an attribute of a tag."""
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else None


def forms(page: str) -> Iterator[tuple[str | None, dict[str, str]]]:
    """Yield each form's address (None: the page's own) and its fields, lists at their second."""
    for form in _FORM.findall(page):
        tags = _FIELD.findall(form)
        filled = {attribute(t, "name"): attribute(t, "value") or "" for t in reversed(tags)}
        for name, options in _SELECT.findall(form):
            values = re.findall(r'<option value="([^"]*)"', options)
            filled[name] = (values + values[:1] + [""])[1 if len(values) > 1 else 0]
        for unsent in (None, "csrf_token"):
            filled.pop(unsent, None)
        yield attribute(form.partition(">")[0], "action") or None, filled


@pytest.fixture(scope="module")
def targets(world: World) -> list[tuple[str, str, dict[str, str], bool]]:
    """Return (role, address, fields, whether in full) of every form on the pages, once."""
    found: dict[tuple[str, tuple[str, ...]], tuple[str, str, dict[str, str], bool]] = {}
    for key, (case, *_others) in sorted(access().items()):
        method, endpoint = key.split()
        roles = case.yes.split()
        if method != "GET" or not roles:
            continue
        role = "ops" if "ops" in roles else roles[0]
        kind, _, place = endpoint.partition(".")
        whole = kind not in AT_EACH_PLACE or place == "pool"
        answer = world.ask(role, method, endpoint, case)
        shown = answer.status_code == 200 and answer.mimetype == "text/html"  # no file
        for action, fields in forms(answer.text if shown else ""):
            address = action or world.url(endpoint, case.params)
            if fields and "sign-out" not in address:
                found.setdefault((address, tuple(fields)), (role, address, fields, whole))
    return list(found.values())


@pytest.mark.parametrize("part", range(PARTS))
def test_no_field_of_any_form_breaks_a_page(world, targets, part):
    assert len(targets) > 30
    faults = []
    for role, address, fields, whole in targets[part::PARTS]:
        client = world.client(role)
        for number, name in enumerate(fields):
            turn = part + number
            for value in HOSTILE if whole else HOSTILE[turn % 6 :: 6]:
                fault = tried(client, address, {**fields, name: value})
                if fault:
                    faults.append((address, name, value[:20], fault))
        world.restore()

    assert faults == []


def tried(client, address, fields) -> str | None:
    """Return what is wrong with the answer to a form, if anything is."""
    began = time.process_time()
    try:
        answer = client.post(address, data=fields)
    except Exception as error:  # noqa: BLE001 - whatever it is, the page would be a fault's
        return repr(error)[:100]
    if answer.status_code >= 500:
        return str(answer.status_code)
    if time.process_time() - began > SECONDS:
        return "slow"
    return "script" if SCRIPT in answer.text else None
