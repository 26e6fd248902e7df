"""Plant each defect of tests/mutants.py in a copy of the tree and see its tests go red.

python -m tools.mutants [WORD...]    only those whose name contains a word

First the tests run on the copy as it is: red proves something only where green was. Exit 1 if a
defect survives, or a test is red without one.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = (".git", ".venv", "instance", "artifacts", "__pycache__", ".*_cache", ".hypothesis")
TIMEOUT_SECONDS = 600
PASSED, FAILED, HUNG = 0, 1, -1  # pytest's first two exit codes; others mean it could not run


def main(words: Sequence[str]) -> int:
    """Return 0 when every chosen defect was caught."""
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    with tempfile.TemporaryDirectory(prefix="booking-mutants-") as folder:
        tree = Path(folder) / "tree"
        copy(ROOT, tree)
        tests = sorted({test for mutant in chosen for test in mutant.tests})
        code, output = run(tree, tests)
        if code != PASSED:
            print(output)
            print("The tests are not green without a defect.")
            return 1
        survivors = [mutant for mutant in chosen if not report(tree, mutant)]
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} defects caught")
    return 1 if survivors or not chosen else 0


def copy(source: Path, target: Path) -> None:
    """Copy what the tests need; the instance folder and its database stay where they are."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    (target / "instance").mkdir()


def report(tree: Path, mutant: Mutant) -> bool:
    """Return whether the defect was caught, printing its line of the table."""
    began = time.monotonic()
    caught = is_caught(tree, mutant)
    seconds = time.monotonic() - began
    word = "caught  " if caught else "SURVIVED"
    print(f"{word} {seconds:5.1f} s  {mutant.name}  ({mutant.promise})", flush=True)
    return caught


def is_caught(tree: Path, mutant: Mutant) -> bool:
    """Return whether the mutant's tests fail with the defect in `tree`, which is mended again.

    Raises ValueError when `old` does not stand exactly once, RuntimeError when no test could tell.
    """
    before = {file: (tree / file).read_text(encoding="utf-8") for file, _, _ in mutant.edits}
    after = planted(before, mutant)
    try:
        for file, text in after.items():
            (tree / file).write_text(text, encoding="utf-8")
        code, output = run(tree, mutant.tests)
    finally:
        for file, text in before.items():
            (tree / file).write_text(text, encoding="utf-8")
    if code == FAILED and " failed" not in output.splitlines()[-1]:
        # An error in a fixture: the defect broke the ground, and no test saw it.
        raise RuntimeError(f"{mutant.name}: no test failed, its setup did\n{output}")
    if code not in (PASSED, FAILED, HUNG):
        raise RuntimeError(f"{mutant.name}: pytest ended with {code}\n{output}")
    return code != PASSED


def planted(texts: Mapping[str, str], mutant: Mutant) -> dict[str, str]:
    """Return the texts, by file, with the defect in them."""
    changed = dict(texts)
    for file, old, new in mutant.edits:
        count = changed[file].count(old)
        if count != 1:
            raise ValueError(f"{mutant.name}: {old!r} stands {count} times in {file}")
        changed[file] = changed[file].replace(old, new)
    return changed


def run(tree: Path, tests: Iterable[str]) -> tuple[int, str]:
    """Return pytest's exit code and output for the tests; a skipped test counts as failed."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *tests]
    # Python would take the bytecode of the text before: same second, same size.
    environment = {
        **os.environ,
        "CI": "true",
        "BOOKING_TEST_PLANTED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return HUNG, "timeout"
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
