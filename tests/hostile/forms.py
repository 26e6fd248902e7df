"""Every form of the pages: where it is sent, its fields filled as they come, and sending it."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from tests.matrix.world import World, access

SCRIPT = "<script>alert(1)</script>"
# One form, one view and one service at each place: every field meets every value at the pool's, and
# two of them in turn at the others.
AT_EACH_PLACE = {"rules", "quotas"}
SECONDS = 2  # of the processor, which others may have
_FORM = re.compile(r'<form[^>]*method="post"[^>]*>.*?</form>', re.S)
_FIELD = re.compile(r"<(?:input|select|textarea|button)[^>]*>")
_SELECT = re.compile(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', re.S)


@dataclass(frozen=True)
class Target:
    """A form as a role finds it. `whole`: no other place has the same form, view and service."""

    role: str
    address: str
    fields: dict[str, str]
    whole: bool


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


def targets(world: World) -> list[Target]:
    """Return every form on the pages, once."""
    found: dict[tuple[str, tuple[str, ...]], Target] = {}
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
                key_of = (address, tuple(fields))
                found.setdefault(key_of, Target(role, address, fields, whole))
    return list(found.values())


def tried(client: Any, address: str, fields: dict[str, Any]) -> str | None:
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
