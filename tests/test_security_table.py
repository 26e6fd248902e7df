"""docs/security.md has a row for every check we hold ourselves to, and tests that exist."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CHECKS = HERE / "asvs.txt"
TABLE = HERE.parent / "docs" / "security.md"
ROW = re.compile(r"^\| (V[\d.]+) \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)


def rows(text: str) -> list[tuple[str, ...]]:
    """Return number, what is asked, how it is met and the cell of tests of each row."""
    return ROW.findall(text)


def faults(listed: list[str], text: str) -> Iterator[str]:
    """Yield what is wrong with a table, for the numbers that are to be in it."""
    found = rows(text)
    numbers = [row[0] for row in found]
    yield from (f"{number}: no row" for number in listed if number not in numbers)
    yield from (f"{number}: no such check" for number in numbers if number not in listed)
    yield from (f"{number}: twice" for number in set(numbers) if numbers.count(number) > 1)
    for number, asked, how, proof in found:
        tests = re.findall(r"`([^`]+)`", proof)
        if not asked.strip() or not how.strip():
            yield f"{number}: says nothing"
        if not tests and not how.startswith("does not apply"):
            yield f"{number}: neither a test nor why it does not apply"
        yield from (f"{number}: no test {test}" for test in tests if not exists(test))


def exists(test: str) -> bool:
    """Return whether `file::name` or `file::Class::name` below tests/ is a test."""
    path, _, name = test.partition("::")
    return (HERE / path).is_file() and name in _tests(path)


@cache
def _tests(path: str) -> frozenset[str]:
    tree = ast.parse((HERE / path).read_text(encoding="utf-8"))
    return frozenset(_named(tree, ""))


def _named(inside: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for node in inside.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _named(node, f"{node.name}::")


def test_the_table_is_whole_and_its_tests_exist():
    lines = CHECKS.read_text(encoding="utf-8").splitlines()
    checks = [line.split() for line in lines if not line.startswith("#")]
    assert len(checks) == 60
    listed = [number for check in checks for number in check]
    assert list(faults(listed, TABLE.read_text(encoding="utf-8"))) == []


GOOD = "test_security_table.py::test_the_table_is_whole_and_its_tests_exist"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (f"| V1 | a | b | `{GOOD}` |", None),
        ("| V1 | a | does not apply: nothing of it is here | – |", None),
        (f"| V2 | a | b | `{GOOD}` |", "V1: no row"),
        (f"| V1 | a | b | `{GOOD}` |\n| V2 | a | b | `{GOOD}` |", "V2: no such check"),
        (f"| V1 | a | b | `{GOOD}` |\n| V1 | a | b | `{GOOD}` |", "V1: twice"),
        (f"| V1 | a |  | `{GOOD}` |", "V1: says nothing"),
        ("| V1 | a | b | – |", "V1: neither a test nor why it does not apply"),
        ("| V1 | a | b | `gone.py::test_x` |", "V1: no test gone.py::test_x"),
        (f"| V1 | a | b | `{GOOD}_y` |", f"V1: no test {GOOD}_y"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(row, fault):
    found = list(faults(["V1"], row))
    assert found == [] if fault is None else fault in found
