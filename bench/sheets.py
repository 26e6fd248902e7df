"""Importing an inventory by the command, from CSV and from XLSX."""

import csv
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import python_calamine
import xlsxwriter

from bench.clocks import Cost
from bench.ground import Ground
from bench.report import Figure
from bench.server import ROOT, environment
from booking.demo.rules import park, words

HEADINGS = ("资产编号", "仪器名称", "英文名称", "规格型号", "生产厂商", "出厂编号", "存放地点")
READINGS = 5
Row = tuple[str, ...]


def measure(ground: Ground) -> Iterator[Figure]:
    """Yield what a first import takes, and the same file again, in which nothing is new."""
    with tempfile.TemporaryDirectory(prefix="booking-bench-") as folder:
        for form, write, read in (("CSV", write_csv, read_csv), ("XLSX", write_xlsx, read_xlsx)):
            path = Path(folder) / f"units.{form.lower()}"
            write(path, rows(ground.sizes.rows, form))
            base = _reading_seconds(lambda: read(path))  # noqa: B023 - called at once
            reader = "csv.reader" if form == "CSV" else "calamine alone"
            for again in ("", ", again"):
                taken = _import(ground, path, f"导入{form}医院", new=not again)
                name = f"import {ground.sizes.rows:,} rows of {form}{again}"
                yield Figure(f"{name}, CPU", taken.cpu_ms / 1000, "s", reader, base)
                yield Figure(f"{name}, wall", taken.wall_ms / 1000, "s", reader, base)


def rows(count: int, form: str) -> list[Row]:
    """Return an inventory as institutions keep it: many units of one model, by themselves."""
    rng = random.Random(2)  # noqa: S311 - the same rows each time, no secret
    found: list[Row] = []
    while len(found) < count:
        kind, maker = rng.choice(words.KINDS), rng.choice(words.MAKERS)
        model = f"{form[0]}{rng.randint(100, 999)}-{len(found)}"
        for _ in range(rng.randint(*park.SIZES[kind.common])):
            number = len(found) + 1
            place = f"{rng.randint(1, 9)}号楼{rng.randint(101, 930)}"
            found.append((f"{form}{number:06d}", kind.zh, kind.en, model, maker,
                          f"SN{number:07d}", place))  # fmt: skip
    return found[:count]


def write_csv(path: Path, found: Iterable[Row]) -> None:
    """Write the rows below their headings."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *found])


def write_xlsx(path: Path, found: Iterable[Row]) -> None:
    """Write the rows below their headings."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("仪器设备")
        for number, row in enumerate([HEADINGS, *found]):
            sheet.write_row(number, 0, row)


def read_csv(path: Path) -> object:
    """Read every row and do nothing with it."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def read_xlsx(path: Path) -> object:
    """Read every row and do nothing with it."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return book.get_sheet_by_index(0).to_python()


def _import(ground: Ground, path: Path, institution: str, *, new: bool) -> Cost:
    command = [sys.executable, "-m", "flask", "--app", "booking", "import-units", str(path)]
    command += ["--institution", institution, "--site", words.SITES[0][0], "--yes", "--json"]
    before, started = _children_seconds() + ground.database(), time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env=environment(ground.settings), check=True, stdout=subprocess.PIPE
    )
    wall = time.perf_counter() - started
    cpu = _children_seconds() + ground.database() - before
    report = json.loads(done.stdout)
    assert report["new" if new else "unchanged"] == ground.sizes.rows, report["rejected"][:3]
    return Cost(cpu * 1000, wall * 1000)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reading_seconds(read: Callable[[], object]) -> float:
    taken = []
    for _ in range(READINGS):
        started = time.process_time()
        read()
        taken.append(time.process_time() - started)
    return statistics.median(taken)
