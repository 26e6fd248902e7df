"""Figures, what they are held against, and the tables they are shown in."""

from collections.abc import Iterable
from dataclasses import dataclass

PEERS = "NEMO 8.1 · Indico 3.2 · LibreBooking"
HEAD = ("figure", "ours", "baseline", "ratio", "to reach", f"for orientation: {PEERS}")
MISSED = "missed"
REACHED = "reached"


@dataclass(frozen=True)
class Target:
    """A figure of the design: `least` or `most` in the unit measured, and what peers took."""

    most: float | None = None
    least: float | None = None
    peers: str = ""

    def reached(self, value: float) -> bool:
        """Return whether `value` is good enough."""
        if self.most is not None and value > self.most:
            return False
        return self.least is None or value >= self.least

    def words(self, unit: str) -> str:
        """Return the target in a few characters."""
        if self.most is not None:
            return f"≤ {_number(self.most)} {unit}".rstrip()
        return f"≥ {_number(self.least)} {unit}".rstrip() if self.least is not None else ""


# Measured on the same peers: 12,000 resources, 996,000 bookings, two workers, two cores.
TARGETS = {
    "create": Target(most=4, peers="49 · 59 · 69 ms"),
    "per second": Target(least=430, peers="10 · 20 · 24 /s"),
    "free in a pool": Target(most=1),
    "free in a category": Target(most=10),
    "free of all, over HTTP": Target(most=50, peers="74 s · 2.7 s · 79 s"),
    "a unit's week, JSON": Target(most=5, peers="46 · 39 · 29 ms"),
    "catalogue": Target(most=100),
    "find a time": Target(most=100),
    "growth": Target(most=1.5),
    "cold start": Target(most=2, peers="2.7 · 8.5 · 0.7 s"),
    "memory": Target(most=150, peers="226 · 815 · 60 MB"),
}


@dataclass(frozen=True)
class Figure:
    """One line of the report. `failed` says why the whole run has, if it has."""

    name: str
    value: float
    unit: str
    baseline: str = ""
    base: float | None = None
    target: str = ""  # a key of TARGETS
    failed: str = ""

    @property
    def ratio(self) -> float | None:
        """Return ours to the baseline."""
        return self.value / self.base if self.base else None

    def cells(self) -> tuple[str, ...]:
        """Return the line as text, a cell for each word of HEAD."""
        target = TARGETS.get(self.target, Target())
        words = target.words(self.unit)
        if words:
            words += f" — {REACHED if target.reached(self.value) else MISSED}"
        base = f"{self.baseline} {_number(self.base)} {self.unit}" if self.base else self.baseline
        ratio = f"{_number(self.ratio)} ×" if self.ratio is not None else ""
        ours = f"{_number(self.value)} {self.unit}".rstrip()
        return self.name, ours, base.rstrip(), ratio, words or self.failed, target.peers


def markdown(title: str, figures: Iterable[Figure]) -> str:
    """Return a section with one table, its columns aligned for reading as plain text."""
    rows = [HEAD, *(figure.cells() for figure in figures)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    lines = [_line(row, widths) for row in rows]
    rule = "|".join(f" {'-' * width} " for width in widths)
    return "\n".join([f"## {title}", "", lines[0], f"|{rule}|", *lines[1:], ""])


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = (f" {cell.ljust(width)} " for cell, width in zip(row, widths, strict=True))
    return f"|{'|'.join(cells)}|"


def _number(value: float | None) -> str:
    """Return three digits at most: 0.084, 3.2, 41, 12,000."""
    if value is None:
        return ""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"
