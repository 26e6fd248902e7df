"""All that takes text: the pages' forms, what only scripts send, what a page's address is read for.

Each is filled as it comes, or with nothing, and then with what no browser would send.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from tests.matrix import Case
from tests.matrix.noting import noted
from tests.matrix.world import World, access

SCRIPT = "<script>alert(1)</script>"
ALONE, ROUNDS = 2, 3
# One form, one view and one service at each place: every field meets every value at the pool's, and
# two of them in turn at the others.
AT_EACH_PLACE = {"rules", "quotas"}
# Read of every request: by what counts searches, and by what guards forms.
EVERYWHERE = {"q", "person"}
SECONDS = 2  # of the processor, which others may have
TOO_MANY = 429
_FORM = re.compile(r'<form[^>]*method="post"[^>]*>.*?</form>', re.S)
_FIELD = re.compile(r"<(?:input|select|textarea|button)[^>]*>")
_SELECT = re.compile(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', re.S)


@dataclass(frozen=True)
class Target:
    """What takes fields, as a role finds it: a form, or with `GET` what an address is read for.

    `fields` as they come; `more` are taken too. With a `token` it is an operation of the API.
    `whole`: no other place has the same form, view and service.
    """

    role: str
    address: str
    fields: dict[str, Any]
    whole: bool = True
    method: str = "POST"
    token: str = ""
    more: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return every field it takes."""
        return (*self.fields, *(name for name in self.more if name not in self.fields))

    def call(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return how these fields are sent, besides method and address."""
        if not self.token:
            return {"query_string" if self.method == "GET" else "data": fields}
        headers = {"Authorization": f"Bearer {self.token}", "If-Match": "*"}
        if self.method == "GET":
            return {"query_string": fields, "headers": headers}
        text = {
            name: value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
            for name, value in fields.items()
        }
        return {"json": text, "headers": headers}

    def refused(self, answer: Any) -> set[str]:
        """Return the fields that an answer refuses by themselves."""
        if self.token:
            told = answer.json.get("violations", ()) if answer.is_json else ()
            return {one.get("field", "") for one in told}
        return {name for name in self.names if f'id="{name}-error"' in answer.text}


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


def targets(world: World, *, unseen: bool = True) -> list[Target]:
    """Return every form on the pages once, every page that reads its address, and what else is.

    What else there is (`unseen`) is learned by sending it: the world is brought back after each.
    """
    found: dict[tuple[str, tuple[str, ...]], Target] = {}
    with noted(world.app) as names:
        for endpoint, role, case in _opened("GET"):
            kind, _, place = endpoint.partition(".")
            whole = kind not in AT_EACH_PLACE or place == "pool"
            names.clear()
            answer = world.ask(role, "GET", endpoint, case)
            shown = answer.status_code == 200 and answer.mimetype == "text/html"  # no file
            main = answer.text.partition("<main")[2] if shown else ""
            asks = {name for name in EVERYWHERE if f'name="{name}"' in main}
            asked = dict.fromkeys(sorted(names - EVERYWHERE | asks), "")
            own = world.url(endpoint, case.params)
            if asked:
                found[own, ("GET",)] = Target(role, own, asked, whole, "GET")
            for action, fields in forms(answer.text if shown else ""):
                address = action or own
                if fields and "sign-out" not in address:
                    found.setdefault((address, tuple(fields)), Target(role, address, fields, whole))
    seen = {target.address for target in found.values()}
    return [*found.values(), *(_unseen(world, seen) if unseen else ())]


def _opened(wanted: str) -> Iterator[tuple[str, str, Case]]:
    """Yield (endpoint, role, first case) of what is sent by this method, as who gets furthest."""
    for key, (case, *_others) in sorted(access().items()):
        method, endpoint = key.split()
        roles = case.yes.split()
        if method == wanted and roles:
            yield endpoint, "ops" if "ops" in roles else roles[0], case


def _unseen(world: World, seen: set[str]) -> Iterator[Target]:
    """Yield what is sent by scripts, or by forms that show only at some stage."""
    routes = world.app.url_map.bind("localhost")
    known = {routes.match(a.partition("?")[0], method="POST")[0] for a in seen if _takes(routes, a)}
    with noted(world.app) as names:
        for endpoint, role, case in _opened("POST"):
            if endpoint in known or endpoint == "accounts.sign_out":
                continue
            names.clear()
            world.ask(role, "POST", endpoint, case)
            world.restore()
            given = {name: value.format_map(world.ids) for name, value in case.form.items()}
            fields = {**dict.fromkeys(sorted(names - EVERYWHERE), ""), **given}
            query = f"?{case.query.format_map(world.ids)}" if case.query else ""
            if fields:
                yield Target(role, world.url(endpoint, case.params) + query, fields)


def _takes(routes: Any, address: str) -> bool:
    return address.startswith("/") and routes.test(address.partition("?")[0], method="POST")


def tried(client: Any, target: Target, fields: dict[str, Any]) -> str | None:
    """Return what is wrong with the answer to a form, if anything is."""
    return sent(client, target, fields)[1]


def sent(client: Any, target: Target, fields: dict[str, Any]) -> tuple[Any, str | None]:
    """Return the answer to a form, None where there was none, and what is wrong with it."""
    began = time.process_time()
    try:
        answer = client.open(target.address, method=target.method, **target.call(fields))
    except Exception as error:  # noqa: BLE001 - whatever it is, the page would be a fault's
        return None, repr(error)[:100]
    if answer.status_code >= 500:
        return answer, str(answer.status_code)
    if time.process_time() - began > SECONDS:
        return answer, "slow"
    marked = answer.mimetype == "text/html" and SCRIPT in answer.text
    return answer, "script" if marked else None


def met(world: World, target: Target, values: Sequence[Any]) -> Iterator[tuple[str, Any, str]]:
    """Let each field meet each value; yield (field, value, fault).

    All at once, in turn: what a field refuses by itself, whatever else is sent, has been met. What
    none refuses is sent again with that, and where that is not taken either, each alone.
    """
    client, names = world.client(target.role), target.names
    for turn in range(len(values)):
        left = {name: values[(turn + n) % len(values)] for n, name in enumerate(names)}
        for _ in range(ROUNDS if len(names) > ALONE else 0):
            answer, fault = _sent_in_time(world, client, target, left)
            if fault:
                break  # by which of them is found out alone
            if answer.status_code < 400:
                left = {}
            refused = target.refused(answer) & left.keys() if left else set()
            if not refused:
                break
            left = {name: value for name, value in left.items() if name not in refused}
        for name, value in left.items():
            fault = _sent_in_time(world, client, target, {name: value})[1]
            if fault:
                yield name, value, fault


def _sent_in_time(
    world: World, client: Any, target: Target, hostile: dict[str, Any]
) -> tuple[Any, str | None]:
    """Return what `sent` does, everything being as it was before and after."""
    answer, fault = sent(client, target, {**target.fields, **hostile})
    if answer is not None and answer.status_code == TOO_MANY:
        world.restore()
        answer, fault = sent(client, target, {**target.fields, **hostile})
    if answer is None or (answer.status_code < 400 and target.method != "GET"):
        world.restore()
    return answer, fault
