"""The planted defects still fit the code, and the harness tells a caught one from a survivor."""

from pathlib import Path

import pytest

from tests.mutants import MUTANTS, Mutant
from tools import mutants

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_defect_can_still_be_planted(mutant):
    texts = {file: (ROOT / file).read_text(encoding="utf-8") for file, _, _ in mutant.edits}

    assert mutants.planted(texts, mutant) != texts


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_defect_names_tests_that_exist(mutant):
    assert mutant.tests
    for test in mutant.tests:
        path, _, name = test.partition("::")
        function = name.split("::")[-1].split("[")[0]
        assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8")


def test_defects_have_names_of_their_own():
    names = [mutant.name for mutant in MUTANTS]

    assert len(names) == len(set(names))


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "sums.py").write_text("def add(a, b):\n    return a + b\n")
    (tmp_path / "test_sums.py").write_text(
        "from sums import add\n\n"
        "def test_strict():\n    assert add(2, 3) == 5\n\n"
        "def test_lax():\n    assert add(0, 0) == 0\n"
    )
    return tmp_path


def _minus(test: str) -> Mutant:
    return Mutant(
        "minus", "sums.py", "a + b", "a - b", (f"test_sums.py::{test}",), "sums are right"
    )


def test_a_defect_that_turns_its_test_red_is_caught(tree):
    assert mutants.is_caught(tree, _minus("test_strict"))


def test_a_defect_its_test_does_not_see_survives(tree):
    assert not mutants.is_caught(tree, _minus("test_lax"))


def test_the_tree_is_mended_after_each_defect(tree):
    before = (tree / "sums.py").read_text()

    mutants.is_caught(tree, _minus("test_strict"))

    assert (tree / "sums.py").read_text() == before


def test_a_test_that_cannot_be_found_proves_nothing(tree):
    with pytest.raises(RuntimeError, match="minus"):
        mutants.is_caught(tree, _minus("test_gone"))


def test_a_defect_that_breaks_the_setup_only_proves_nothing(tree):
    (tree / "conftest.py").write_text(
        "import pytest\nfrom sums import add\n\n"
        "@pytest.fixture(autouse=True)\ndef ground():\n    assert add(1, 1) == 2\n"
    )

    with pytest.raises(RuntimeError, match="its setup did"):
        mutants.is_caught(tree, _minus("test_lax"))


def test_a_defect_that_fits_nowhere_is_refused(tree):
    lost = Mutant("lost", "sums.py", "a * b", "a", ("test_sums.py",), "sums are right")

    with pytest.raises(ValueError, match="stands 0 times"):
        mutants.is_caught(tree, lost)
