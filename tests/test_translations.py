"""Every text of code and templates has its Chinese; every refusal has its text and status."""

import ast
import re
from collections.abc import Iterator

import pytest

from booking.core import errors
from booking.infra.db import Base
from booking.web.audit_words import has_words
from booking.web.messages import STATUS, TEXTS
from tools import i18n


@pytest.fixture(scope="module")
def catalogue():
    return i18n.catalogue()


def test_no_text_is_untranslated(catalogue):
    assert i18n.missing(catalogue) == []


def test_translations_keep_their_placeholders(catalogue):
    placeholder = re.compile(r"%\(\w+\)[sd]")
    for entry in catalogue:
        if not entry.id:
            continue
        originals = entry.id if isinstance(entry.id, tuple) else (entry.id,)
        translated = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
        wanted = set(placeholder.findall(originals[-1]))
        for text in translated:
            # A plural may leave the number out, but never ask for what it is not given.
            assert set(placeholder.findall(text)) <= wanted | set(
                placeholder.findall(originals[0])
            ), entry.id


def test_every_kind_of_refusal_has_a_status():
    def kinds(of):
        for kind in of.__subclasses__():
            yield kind
            yield from kinds(kind)

    assert set(kinds(errors.Refusal)) <= set(STATUS)


def test_every_code_raised_has_a_text():
    raised = re.compile(
        r"(?:Invalid|WrongState|Forbidden|Violation)\(\s*\"([a-z_]+)\"|code=\"([a-z_]+)\""
    )
    codes = set()
    for path in (i18n.ROOT / "booking").rglob("*.py"):
        for match in raised.finditer(path.read_text(encoding="utf-8")):
            codes.add(match.group(1) or match.group(2))
    assert codes - set(TEXTS) == set()


# Actions put together as the program runs: place → what they may be.
PUT_TOGETHER = {
    "reservations/services/waiting.py": {"waitlist.left", "waitlist.declined", "waitlist.lapsed"},
    "reservations/services/squeezing.py": {
        "reservation.inside_buffer", "closure.inside_buffer", "hold.inside_buffer",
    },
}  # fmt: skip


def test_every_action_on_record_has_words():
    tables = {row.class_.__name__: row.local_table.name for row in Base.registry.mappers}
    found = {action for actions in PUT_TOGETHER.values() for action in actions}
    for path in (i18n.ROOT / "booking").glob("*/services/**/*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                found |= set(_actions(call, tables))

    assert len(found) > 70
    missing = sorted(action for action in found if not has_words(action))
    assert missing == [], "give them words in booking/web/audit_words.py"


def _actions(call: ast.Call, tables: dict[str, str]) -> Iterator[str]:
    """Yield what a call of record, add or change puts on record, as far as it is written there."""
    if call.func.id in ("record", "_record", "change"):
        texts = (one for one in ast.walk(call) if isinstance(one, ast.Constant))
        yield from (t.value for t in texts if re.fullmatch(r"[a-z_]+\.[a-z_]+", str(t.value)))
    verb = next((k.value for k in call.keywords if k.arg == "action"), None)
    if call.func.id == "change" and isinstance(verb, ast.Constant):
        yield f"pool.{verb.value}"
    made = call.args[2] if call.func.id == "add" and len(call.args) > 2 else None
    if isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and made.func.id in tables:
        yield f"{tables[made.func.id]}.create"
