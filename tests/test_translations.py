"""Every text of code and templates has its Chinese; every refusal has its text and status."""

import ast
import re
from collections.abc import Iterator

import pytest

from booking.core import errors
from booking.infra.db import Base
from booking.web.audit_words import has_field_words, has_words
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
    assert missing == [], "give them words in booking/web/audit_words/"


# Tables that are put on record row by row, by their columns.
ON_RECORD = (
    "Building", "Company", "Contribution", "DeciderGroup", "Institution", "Lab", "LabMember",
    "Membership", "Platform", "Pool", "Room", "Site", "Unit",
)  # fmt: skip


def test_every_value_on_record_has_words(app):
    tables = {row.class_.__name__: row.local_table for row in Base.registry.mappers}
    found = {column.name for name in ON_RECORD for column in tables[name].columns} - {"id"}
    for path in (i18n.ROOT / "booking").glob("*/services/**/*.py"):
        for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(part, ast.FunctionDef):
                found |= set(_values(part))

    assert len(found) > 120
    missing = sorted(name for name in found if not has_field_words(name))
    assert missing == [], "give them words in booking/web/audit_words/columns.py"


def _values(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the names of what calls of record and change in a function put on record."""
    named: dict[str, list[ast.expr]] = {}
    for part in ast.walk(function):
        if isinstance(part, ast.Assign) and isinstance(
            part.value, ast.Dict | ast.IfExp | ast.BinOp
        ):
            for target in part.targets:
                if isinstance(target, ast.Name):
                    named.setdefault(target.id, []).append(part.value)
    for part in ast.walk(function):
        if not isinstance(part, ast.Call) or not isinstance(part.func, ast.Name):
            continue
        told = part.args[3:4] if part.func.id == "change" else []
        if part.func.id in ("record", "_record", "audit"):
            told = [k.value for k in part.keywords if k.arg in ("before", "after")]
        for expression in told:
            yield from _keys(expression, named, 2)


def _keys(expression: ast.expr, named: dict[str, list[ast.expr]], depth: int) -> Iterator[str]:
    """Yield the keys written in an expression, and in what the names in it were set to."""
    for part in ast.walk(expression):
        if isinstance(part, ast.Dict):
            yield from (str(key.value) for key in part.keys if isinstance(key, ast.Constant))
        if isinstance(part, ast.Name) and depth:
            for value in named.get(part.id, ()):
                yield from _keys(value, named, depth - 1)


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
