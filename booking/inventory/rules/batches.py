"""An import batch's texts: choices, parsed rows and the summary of a preview, to JSON and back."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from booking.core.table import Row, Sheet
from booking.inventory.rules.columns import JOINED, UNIT_WORDS
from booking.inventory.rules.headings import find_header, guess
from booking.inventory.rules.plan import CHANGED, NEW, UNCHANGED, Plan
from booking.inventory.rules.reading import Options
from booking.inventory.rules.rows import Problem, Reading

# What a page shows of each; the counts are always of all.
MOST_REJECTED = 500
MOST_POOLS = 500
SAMPLES = 3
SAMPLE_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the sheet: its label, the field read from it ("" if none), and first values."""

    label: str
    field: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A pool of the preview; `known` if it is in the park already."""

    name: str
    model: str
    lab: str
    site: str
    new_units: int
    rows: int
    known: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """How many rows share a remark, with the first of them."""

    count: int
    first: Problem


@dataclass(frozen=True, slots=True)
class Summary:
    """What a preview, or the import itself, is shown as."""

    new: int
    changed: int
    unchanged: int
    rejected_count: int  # rows; a row may have several problems
    rejected: tuple[Problem, ...]
    remarks: tuple[Remark, ...]
    pool_count: int
    pools: tuple[PoolLine, ...]
    columns: tuple[Column, ...]
    institution: str
    new_institution: bool
    new_sites: tuple[str, ...]
    new_labs: tuple[str, ...]

    @property
    def usable(self) -> int:
        """Return how many rows confirming would write."""
        return self.new + self.changed


def summary(
    plan: Plan, reading: Reading, sheet: Sheet, institution: str, *, new_institution: bool
) -> Summary:
    """Return what is shown of a plan."""
    counts = Counter(problem.code for problem in plan.flagged)
    first = {problem.code: problem for problem in reversed(plan.flagged)}
    lines = [
        PoolLine(
            pool.first.name,
            f"{pool.first.manufacturer} {pool.first.model}".strip(),
            pool.lab.name,
            pool.site.name,
            pool.new_units,
            pool.rows,
            pool.pool_id is not None,
        )
        for pool in plan.pools
    ]
    return Summary(
        new=plan.count(NEW),
        changed=plan.count(CHANGED),
        unchanged=plan.count(UNCHANGED),
        rejected_count=len({problem.line for problem in plan.rejected}),
        rejected=plan.rejected[:MOST_REJECTED],
        remarks=tuple(Remark(count, first[code]) for code, count in counts.most_common()),
        pool_count=len(lines),
        pools=tuple(sorted(lines, key=lambda line: -line.new_units)[:MOST_POOLS]),
        columns=columns(reading, sheet),
        institution=institution,
        new_institution=new_institution,
        new_sites=plan.new_sites,
        new_labs=plan.new_labs,
    )


def columns(reading: Reading, sheet: Sheet) -> tuple[Column, ...]:
    """Return the columns of the heading with their fields and a few values.

    A guessed site or lab column that an option overrules counts as not read.
    """
    overruled = {n for n in ("site", "lab") if getattr(reading, n) and n not in reading.sure}
    fields = {
        column: name
        for name, source in reading.sources.items()
        for column in source.columns
        if name not in overruled
    }
    body = sheet.rows[reading.header.first_row :]
    found = []
    for column, label in enumerate(reading.header.labels):
        filled = (row.cell(column)[:SAMPLE_CHARACTERS] for row in body[:100] if row.cell(column))
        samples = tuple(dict.fromkeys(filled))[:SAMPLES]
        found.append(Column(label, fields.get(column, ""), samples))
    return tuple(found)


def bare_columns(sheet: Sheet) -> tuple[Column, ...]:
    """Return the columns of a sheet that could not be planned, with what is guessed of them."""
    header = find_header(sheet.rows, UNIT_WORDS, JOINED)
    return columns(Reading(header, guess(header.labels, UNIT_WORDS, JOINED)), sheet)


def mapping_by_hand(chosen: Mapping[str, str]) -> dict[str, object]:
    """Return the mapping that a choice of field for each label means; unchosen fields have none."""
    mapping: dict[str, list[str]] = {}
    for label, field in chosen.items():
        if field in UNIT_WORDS:
            mapping.setdefault(field, []).append(label)
    return {field: mapping.get(field) for field in UNIT_WORDS}


# --- to JSON and back ---------------------------------------------------------------------


def options_text(options: Options) -> str:
    """Return the choices as JSON."""
    return json.dumps(asdict(options), default=str, ensure_ascii=False)


def options_of(text: str) -> Options:
    """Return the choices of `options_text`."""
    found = json.loads(text)
    first, last = (found.pop(name) for name in ("share_from", "share_until"))
    options = Options(**found)
    return replace(options, share_from=_day(first), share_until=_day(last))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def sheet_text(sheet: Sheet) -> str:
    """Return a sheet as JSON."""
    rows = [[row.number, row.cells] for row in sheet.rows]
    return json.dumps([sheet.name, rows], ensure_ascii=False, separators=(",", ":"))


def sheet_of(text: str) -> Sheet:
    """Return the sheet of `sheet_text`."""
    name, rows = json.loads(text)
    return Sheet(name, tuple(Row(number, tuple(cells)) for number, cells in rows))


def summary_text(shown: Summary) -> str:
    """Return a summary as JSON."""
    return json.dumps(asdict(shown), ensure_ascii=False)


def summary_of(text: str) -> Summary:
    """Return the summary of `summary_text`."""
    found: dict[str, Any] = json.loads(text)
    found["rejected"] = tuple(Problem(**problem) for problem in found["rejected"])
    found["remarks"] = tuple(Remark(r["count"], Problem(**r["first"])) for r in found["remarks"])
    found["pools"] = tuple(PoolLine(**line) for line in found["pools"])
    found["columns"] = tuple(
        Column(c["label"], c["field"], tuple(c["samples"])) for c in found["columns"]
    )
    found["new_sites"], found["new_labs"] = tuple(found["new_sites"]), tuple(found["new_labs"])
    return Summary(**found)
