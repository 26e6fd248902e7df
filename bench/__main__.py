"""Every figure in one run, as a ratio: python -m bench [--quick] [--engine …] [--only …]."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bench import bookings, finding, packing, pages, park, searches, sheets, start
from bench.ground import FULL, QUICK, Ground, Sizes, ground
from bench.report import Figure, markdown

ENGINES = ("sqlite", "postgresql")
OUTPUT = Path(__file__).resolve().parents[1] / "artifacts" / "bench.md"
SECTIONS = {
    "bookings": "One booking, and sixteen at once",
    "searches": "Free units, and growth",
    "find": "Finding a time, and growth",
    "pages": "Pages and lists",
    "sheets": "Import",
    "start": "Start and memory",
}
# Without a database: once, whatever the engines.
PURE = {"packing": "How units are chosen: accepted hours"}
POOLS = {True: 12, False: 60}


def main(words: Sequence[str]) -> int:
    """Print the tables and write them to --output; return 1 when a figure has failed."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--quick", action="store_true", help="a small park, on SQLite alone")
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--only", choices=[*SECTIONS, *PURE], action="append")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument(
        "--size", "--reservations", type=int, dest="reservations",
        help=f"reservations, instead of {FULL.many:,}; 10,000,000 take an hour to write",
    )  # fmt: skip
    chosen = parser.parse_args(words)
    sizes = QUICK if chosen.quick else FULL
    if chosen.reservations:
        sizes = replace(sizes, many=chosen.reservations)
    text, failures = [], []
    for title, figures in _chosen(chosen, sizes):
        text.append(markdown(title, figures))
        failures += [f"{title}: {f.name}: {f.failed}" for f in figures if f.failed]
        print(text[-1], flush=True)
    chosen.output.parent.mkdir(exist_ok=True)
    chosen.output.write_text("\n".join(text), encoding="utf-8")
    print("\n".join(failures) or f"written to {chosen.output}")
    return 1 if failures else 0


def _chosen(chosen: argparse.Namespace, sizes: Sizes) -> Iterator[tuple[str, list[Figure]]]:
    only = chosen.only or [*SECTIONS, *PURE]
    if "packing" in only:
        yield PURE["packing"], list(packing.measure(POOLS[chosen.quick]))
    sections = [name for name in only if name in SECTIONS]
    for engine in (chosen.engine or (ENGINES[:1] if chosen.quick else ENGINES)) if sections else ():
        yield from _tables(engine, sizes, sections)


def _tables(engine: str, sizes: Sizes, only: Sequence[str]) -> Iterator[tuple[str, list[Figure]]]:
    with ground(engine, sizes) as here:
        park.fill(0, sizes.few, here.park.now)
        before = searches.in_process(here) if "searches" in only else {}
        found = finding.in_process(here) if "find" in only else {}
        started = time.monotonic()
        park.fill(sizes.few, sizes.many, here.park.now)
        _note(here, time.monotonic() - started)
        measures = {
            "bookings": lambda: bookings.measure(here),
            "searches": lambda: searches.measure(here, before),
            "find": lambda: finding.measure(here, found),
            "pages": lambda: pages.measure(here),
            "sheets": lambda: sheets.measure(here),
            "start": lambda: start.measure(here),
        }
        for name in only:
            yield f"{SECTIONS[name]} — {engine}", list(measures[name]())


def _note(here: Ground, seconds: float) -> None:
    print(
        f"{here.engine}: {here.park.units:,} units, {here.sizes.many:,} reservations "
        f"(written in {seconds:.0f} s)\n",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
