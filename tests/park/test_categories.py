"""The classes a park starts with, and dictionaries that say odd things about their parents."""

import csv
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.infra import clock
from booking.infra.db import write
from booking.inventory.models import Category, Pool
from booking.inventory.rules.classes import CLASSES
from booking.inventory.rules.dictionary import DictionaryRow, read_dictionary
from booking.inventory.services.categories import load_classes, load_dictionary
from tests import factories
from tests.samples import sample

FULL = "taxonomy/nrii_instrument_class_codes.csv"


def rows(*given: tuple[str, str]) -> list[DictionaryRow]:
    """Return rows of (code, parent), named by their line."""
    return [DictionaryRow(i, code, above, f"类{i}") for i, (code, above) in enumerate(given, 2)]


def test_the_products_own_table_has_two_levels_with_parents_first() -> None:
    seen: set[str] = set()
    for node in CLASSES:
        assert node.parent_code is None or node.parent_code in seen
        assert node.name_zh
        assert node.name_en
        seen.add(node.code)
    assert len(seen) == len(CLASSES) == 108
    assert sum(node.level == 1 for node in CLASSES) == 15


@pytest.mark.parametrize(
    ("given", "levels", "reasons"),
    [
        # a plain tree
        ([("010000", ""), ("010100", "010000")], {"010000": 1, "010100": 2}, []),
        # its own parent: taken at the top
        ([("990000", "990000")], {"990000": 1}, ["own_parent"]),
        # its own parent, but its code says where it belongs
        ([("010000", ""), ("010100", "010100")], {"010000": 1, "010100": 2}, ["own_parent"]),
        # the same code twice: the first counts, the second cannot make it its own parent
        ([("010000", ""), ("019900", "010000"), ("019900", "019900")],
         {"010000": 1, "019900": 2}, ["repeated_code"]),
        # two that name each other, and one below them
        ([("010000", "020000"), ("020000", "010000"), ("010100", "010000")],
         {}, ["in_a_loop", "in_a_loop", "in_a_loop"]),
        # a parent that is nowhere
        ([("010100", "770000")], {}, ["unknown_parent"]),
        # the child stands before its parent, and a spreadsheet ate the zero
        ([("10100", "10000"), ("10000", "")], {"010000": 1, "010100": 2}, []),
        ([("abc", ""), ("", "")], {}, ["bad_code", "bad_code"]),
    ],
)  # fmt: skip
def test_odd_rows_neither_loop_nor_stop_the_rest(given, levels, reasons) -> None:
    found = read_dictionary(rows(*given), {})
    assert {c.code: c.level for c in found.classes} == levels
    assert [p.reason for p in found.problems] == reasons


def test_a_known_class_may_be_the_parent_but_not_close_a_circle() -> None:
    known = {"010000": None, "010100": "010000"}
    found = read_dictionary(rows(("010102", ""), ("010000", "010100")), known)
    assert [c.code for c in found.classes] == []
    assert [p.reason for p in found.problems] == ["in_a_loop", "in_a_loop"]
    assert read_dictionary(rows(("010102", "")), known).classes[0].level == 3


def test_a_new_park_knows_the_classes(any_session: Session) -> None:
    assert any_session.scalar(select(func.count()).select_from(Category)) == len(CLASSES)


def test_loading_again_changes_nothing(any_session: Session) -> None:
    now = clock.now()
    again = write(lambda session: load_classes(session, None, CLASSES, now))
    assert (again.new, again.changed, again.unchanged) == (0, 0, len(CLASSES))


def test_a_name_of_the_file_wins_and_an_english_name_is_kept(any_session: Session) -> None:
    row = DictionaryRow(2, "010200", "010000", "质谱")
    loaded = write(lambda s: load_dictionary(s, None, [row], clock.now()))
    assert (loaded.new, loaded.changed) == (0, 1)
    category = any_session.get_one(Category, "010200")
    assert (category.name_zh, category.name_en) == ("质谱", "Mass spectrometers")


def test_a_pool_is_found_by_the_new_name_of_its_class(any_session: Session) -> None:
    pool = factories.create_pool(any_session, category_code="010200")
    row = DictionaryRow(2, "010200", "010000", "飞行时间质谱")
    write(lambda s: load_dictionary(s, None, [row], clock.now()))
    assert "飞行时间质谱" in any_session.get_one(Pool, pool.id, populate_existing=True).search_text


def test_the_command_loads_the_national_dictionary(app: Flask) -> None:
    full = sample(FULL)
    result = app.test_cli_runner().invoke(args=["categories", "load", str(full)])
    assert result.exit_code == 0, result.output
    with full.open(encoding="utf-8") as handle:
        codes = {row["code"] for row in csv.DictReader(handle)}
    assert result.stdout.endswith(f"{len(codes) - 108} new, 0 changed, 108 unchanged\n")
    assert result.stderr.count("already named on an earlier line") == 11
    again = app.test_cli_runner().invoke(args=["categories", "load", str(full)])
    assert again.stdout.startswith("0 new, 0 changed")


@pytest.mark.parametrize(
    ("content", "says", "code"),
    [
        (b"", "no column 'code'", 2),
        (b"a,b\n1,2\n", "no column 'code'", 2),
        ("代码,名称\n010200,质谱仪器\n".encode("gb18030"), "0 new, 0 changed, 1 unchanged", 0),
        (b"code,name\n", "0 new", 1),
        (b"code,name\n\x00\xff,\x00\n", "is not a code", 1),
    ],
)
def test_a_file_is_loaded_or_refused_with_a_reason(
    app: Flask, tmp_path: Path, content: bytes, says: str, code: int
) -> None:
    file = tmp_path / "classes.csv"
    file.write_bytes(content)
    result = app.test_cli_runner().invoke(args=["categories", "load", str(file)])
    assert (says in result.output, result.exit_code) == (True, code), result.output
