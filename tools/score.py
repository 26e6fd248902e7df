"""The mutation score of the core: which small defects of the rules their tests notice.

python -m tools.score [WORD...]      only files whose path contains a word
                      --every N      each N-th defect only
                      --survivors    list what nobody noticed
                      --tests WORD   only test files whose path contains the word; may be repeated
                      --services     also tests that need a database, on SQLite; far slower

Every defect is planted in a fork of one pytest that has collected the tests: the code of the
function is replaced in place, or the module's constant in every module that has it. A defect meets
only tests that enter its function, the quickest first, until one fails or the budget is spent.
Rules are tested without a database, so a rule that only the tests of a service notice counts as
missed: the score is rather too low than too high. Exit 1 below 90 %.
"""

import argparse
import gc
import os
import pickle
import signal
import sys
import tempfile
import time
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tools.planting import Defect, defects, planted

ROOT = Path(__file__).resolve().parents[1]
# Booking, recurrence and policies, and the time they reckon in; not the reading of files and forms.
CORE = (
    "booking/core/hours.py", "booking/core/local.py", "booking/core/period.py",
    "booking/policies/rules/*.py", "booking/reservations/rules/*.py",
)  # fmt: skip
READING = ("calendar_text", "questions", "settings", "import_rows", "import_plan", "imports",
           "resources", "__init__")  # fmt: skip
TESTS = ("tests/core", "tests/policies", "tests/reservations", "tests/approvals")
LEFT_OUT = ("page", "look", "browser", "model", "import_command", "both_engines")
PASS_PERCENT = 90
JOBS = 2
# Of the processor, so that a busy machine finds the same.
BUDGET_SECONDS = 6.0  # of tests a defect meets
LIMIT_SECONDS = 30  # then it hangs, which somebody notices
SURVIVED, CAUGHT, UNTESTED = 0, 1, 2

Touched = dict[str, list[tuple[float, int]]]  # "file:line of a function" -> (seconds, item)


@dataclass
class Score:
    """A pytest plugin that plants defects where pytest would run its tests."""

    words: Sequence[str]
    every: int = 1
    services: bool = False
    tells: int = 0  # where survivors are told of as they are found, past pytest's own capture
    outcomes: dict[Defect, int] = field(default_factory=dict)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Plant each defect in a fork; the parent never runs a test."""
        items = [item for item in session.items if _is_quick(item, services=self.services)]
        files = {str(file.relative_to(ROOT)): file for file in core_files(self.words)}
        found = [one for name, file in files.items() for one in defects(file, name)][:: self.every]
        touched = _in_fork(lambda: _trace(items, {str(f): n for n, f in files.items()}))
        waiting = iter(found)
        running: dict[int, Defect] = {}
        while True:
            while len(running) < JOBS and (defect := next(waiting, None)) is not None:
                chosen = [items[n] for n in _tests_of(defect, touched)]
                if not chosen:
                    self.outcomes[defect] = UNTESTED
                    if self.tells:
                        os.write(self.tells, f"no test   {defect}\n".encode())
                    continue
                running[_start(files[defect.file], defect, chosen)] = defect
            if not running:
                return True
            pid, status = os.wait()
            survived = os.WIFEXITED(status) and os.WEXITSTATUS(status) == SURVIVED
            done = running.pop(pid)
            self.outcomes[done] = SURVIVED if survived else CAUGHT
            if survived and self.tells:
                os.write(self.tells, f"survived  {done}\n".encode())


def main(words: Sequence[str]) -> int:
    """Return 0 when the score is reached."""
    parser = argparse.ArgumentParser(prog="python -m tools.score")
    parser.add_argument("words", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--survivors", action="store_true")
    parser.add_argument("--tests", action="append", default=[])
    parser.add_argument("--services", action="store_true")
    chosen = parser.parse_args(words)
    began = time.monotonic()
    tells = os.dup(1) if chosen.survivors else 0
    score = Score(chosen.words, chosen.every, chosen.services, tells)
    os.environ["BOOKING_TEST_PLANTED"] = "1"
    options = ["-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"]
    code = pytest.main(
        [*options, *(str(file) for file in test_files(chosen.tests))], plugins=[score]
    )
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return 1
    return report(score.outcomes, time.monotonic() - began)


def core_files(words: Sequence[str]) -> list[Path]:
    """Return the files of the core whose path has one of the words."""
    found = [file for pattern in CORE for file in sorted(ROOT.glob(pattern))]
    core = [file for file in found if file.stem not in READING]
    return [file for file in core if _has(str(file.relative_to(ROOT)), words)]


def test_files(words: Sequence[str]) -> list[Path]:
    """Return the test files that are quick enough to run for every defect, and have a word."""
    found = [file for folder in TESTS for file in sorted((ROOT / folder).glob("test_*.py"))]
    quick = [file for file in found if not any(word in file.name for word in LEFT_OUT)]
    return [file for file in quick if _has(str(file), words)]


def report(outcomes: Mapping[Defect, int], seconds: float) -> int:
    """Print the score of each file and of all; return the exit code."""
    for name in sorted({defect.file for defect in outcomes}):
        own = [outcome for defect, outcome in outcomes.items() if defect.file == name]
        caught, untested = own.count(CAUGHT), own.count(UNTESTED)
        print(f"{100 * caught / len(own):5.1f} %  {caught:4} of {len(own):4}  {name}", end="")
        print(f"  ({untested} met no test)" if untested else "")
    caught = list(outcomes.values()).count(CAUGHT)
    percent = 100 * caught / max(1, len(outcomes))
    print(f"{caught} of {len(outcomes)} defects caught: {percent:.1f} % in {seconds:.0f} s")
    return 0 if percent >= PASS_PERCENT else 1


# --- which test enters which function ------------------------------------------------------


def _is_quick(item: pytest.Item, *, services: bool) -> bool:
    """Return whether a test needs no database; with `services`, none but SQLite's file."""
    if not services:
        return "sqlite_template" not in _fixtures(item) and "any_app" not in _fixtures(item)
    slow = any(item.get_closest_marker(name) for name in ("postgres", "e2e", "drill"))
    return not slow and "postgresql" not in item.name


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())


def _trace(items: Sequence[pytest.Item], names: Mapping[str, str]) -> Touched:
    """Return for each function of the files the tests that enter it and pass, quickest first."""
    found: Touched = {}
    for number, item in enumerate(items):
        seen: set[str] = set()

        def note(frame: types.FrameType, event: str, _: Any, seen: set[str] = seen) -> None:
            name = names.get(frame.f_code.co_filename)
            if event == "call" and name is not None:
                seen.add(f"{name}:{frame.f_code.co_firstlineno}")

        began = time.process_time()
        sys.settrace(note)  # type: ignore[arg-type]
        passed = _passes(item)
        sys.settrace(None)
        if passed:
            for function in seen:
                found.setdefault(function, []).append((time.process_time() - began, number))
    return {function: sorted(tests) for function, tests in found.items()}


def _tests_of(defect: Defect, touched: Touched) -> Iterator[int]:
    """Yield the tests that enter the function, or any of the file, until the budget is spent."""
    met: dict[int, float] = {}
    for function, tests in touched.items():
        name, _, line = function.rpartition(":")
        if name == defect.file and (
            defect.span is None or defect.span[0] <= int(line) <= defect.span[1]
        ):
            met |= {number: seconds for seconds, number in tests}
    spent = 0.0
    for number, seconds in sorted(met.items(), key=lambda one: one[1]):
        spent += seconds
        if spent > BUDGET_SECONDS and spent > seconds:
            return
        yield number


# --- planting it ---------------------------------------------------------------------------


def _start(file: Path, defect: Defect, items: Sequence[pytest.Item]) -> int:
    """Return the process that runs the tests with the defect; it exits 1 at the first failure."""
    pid = os.fork()
    if pid:
        return pid
    code = CAUGHT
    try:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, LIMIT_SECONDS)
        _plant(file, defect)
        code = SURVIVED if all(_passes(item) for item in items) else CAUGHT
    finally:
        os._exit(code)


def _plant(file: Path, defect: Defect) -> None:
    """Put the defect into the running program."""
    whole = compile(planted(file, defect.number), str(file), "exec")
    if defect.span is None:
        _set_constants(file, whole)
        return
    new = {(code.co_qualname, code.co_firstlineno): code for code in _codes(whole)}
    for function in gc.get_objects():
        if isinstance(function, types.FunctionType):
            old = function.__code__
            if old.co_filename == str(file):
                function.__code__ = new.get((old.co_qualname, old.co_firstlineno), old)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield inner
            yield from _codes(inner)


def _set_constants(file: Path, whole: types.CodeType) -> None:
    """Give every module that has a constant of the file its new value, where it is another."""
    [module] = [m for m in sys.modules.values() if getattr(m, "__file__", None) == str(file)]
    fresh: dict[str, Any] = {"__name__": module.__name__, "__file__": str(file)}
    exec(whole, fresh)  # noqa: S102 - our own source
    for name, value in fresh.items():
        old = getattr(module, name, None)
        if name.startswith("__") or isinstance(value, type | types.FunctionType | types.ModuleType):
            continue
        if old is None or value == old:
            continue
        for other in list(sys.modules.values()):
            if getattr(other, name, None) is old:
                setattr(other, name, value)


# --- running -------------------------------------------------------------------------------


def _passes(item: pytest.Item) -> bool:
    return all(not report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def _in_fork(work: Any) -> Any:
    """Return what `work` returns, run in a child: what it caches stays there."""
    with tempfile.NamedTemporaryFile() as answer:
        pid = os.fork()
        if not pid:
            try:
                with Path(answer.name).open("wb") as file:
                    pickle.dump(work(), file)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        return pickle.loads(Path(answer.name).read_bytes())  # noqa: S301 - from our own child


def _has(text: str, words: Sequence[str]) -> bool:
    return not words or any(word in text for word in words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
