"""Plant each defect of tests/mutants.py in a copy of the tree and see its tests go red.

python -m tools.mutants [WORD...]    only those whose name contains a word
                        --score ...  the mutation score of the core instead: tools/score.py

First the tests run on the copy as it is: red proves something only where green was. Exit 1 if a
defect survives, or a test is red without one.
"""

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from tests import engines
from tests.mutants import MUTANTS, Mutant
from tools import score

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = (".git", ".venv", "instance", "artifacts", "__pycache__", ".*_cache", ".hypothesis")
TIMEOUT_SECONDS = 600
# pytest's exit codes; others mean it could not run.
PASSED, FAILED, NOTHING, HUNG = 0, 1, 5, -1
AT_ONCE = 2
T = TypeVar("T")


def main(words: Sequence[str]) -> int:
    """Return 0 when every chosen defect was caught."""
    if words[:1] == ["--score"]:
        return score.main(words[1:])
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    began = time.monotonic()
    with trees() as fields, server() as url, ThreadPoolExecutor(AT_ONCE) as pool:
        tests = sorted({test for mutant in chosen for test in mutant.tests})
        parts = [tests[n::AT_ONCE] for n in range(AT_ONCE)]
        for code, output in pool.map(lambda part: on(fields, run, part, url), parts):
            if code not in (PASSED, NOTHING):
                print(output)
                print("The tests are not green without a defect.")
                return 1
        print(f"green without a defect: {len(tests)} tests, {time.monotonic() - began:.0f} s")
        caught = list(pool.map(lambda mutant: on(fields, report, mutant, url), chosen))
    survivors = [mutant.name for mutant, was in zip(chosen, caught, strict=True) if not was]
    seconds = time.monotonic() - began
    print(f"{sum(caught)} of {len(chosen)} defects caught in {seconds:.0f} s")
    if survivors:
        print("Survived: " + "; ".join(survivors))
    return 1 if survivors or not chosen else 0


@contextlib.contextmanager
def trees() -> Iterator[queue.Queue[Path]]:
    """Yield copies of the tree, one for each that works at once."""
    with tempfile.TemporaryDirectory(prefix="booking-mutants-") as folder:
        fields: queue.Queue[Path] = queue.Queue()
        for number in range(AT_ONCE):
            tree = Path(folder) / f"tree{number}"
            copy(ROOT, tree)
            fields.put(tree)
        yield fields


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Yield the URL of one PostgreSQL for all runs: each makes a database of its own there."""
    given = os.environ.get("BOOKING_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with engines.private_server(durable=False) as started:
        yield started.url


def on(fields: queue.Queue[Path], work: Callable[..., T], what: object, url: str) -> T:
    """Return what the work returns, done on a tree nobody else works on meanwhile."""
    tree = fields.get()
    try:
        return work(tree, what, url)
    finally:
        fields.put(tree)


def copy(source: Path, target: Path) -> None:
    """Copy what the tests need; the instance folder and its database stay where they are."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    (target / "instance").mkdir()


def report(tree: Path, mutant: Mutant, url: str) -> bool:
    """Return whether the defect was caught, printing its line of the table."""
    began = time.monotonic()
    caught = is_caught(tree, mutant, url)
    seconds = time.monotonic() - began
    word = "caught  " if caught else "SURVIVED"
    print(f"{word} {seconds:5.1f} s  {mutant.name}  ({mutant.promise})", flush=True)
    return caught


def is_caught(tree: Path, mutant: Mutant, url: str = "") -> bool:
    """Return whether the mutant's tests fail with the defect in `tree`, which is mended again.

    Raises ValueError when `old` does not stand exactly once, RuntimeError when no test could tell.
    """
    before = {file: (tree / file).read_text(encoding="utf-8") for file, _, _ in mutant.edits}
    after = planted(before, mutant)
    try:
        for file, text in after.items():
            (tree / file).write_text(text, encoding="utf-8")
        code, output = run(tree, mutant.tests, url)
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


def run(tree: Path, tests: Iterable[str], url: str = "") -> tuple[int, str]:
    """Return pytest's exit code and output for the tests; a skipped test counts as failed.

    `url` is that of a running PostgreSQL; else the run starts one of its own.
    """
    if not tests:
        return NOTHING, ""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *tests]
    # Python would take the bytecode of the text before: same second, same size.
    environment = {
        **os.environ,
        "CI": "true",
        "BOOKING_TEST_PLANTED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **({"BOOKING_TEST_POSTGRES_URL": url} if url else {}),
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
