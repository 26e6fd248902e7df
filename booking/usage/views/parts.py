"""What a chart is made of, and the two kinds that several are: bars and heat maps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from booking.usage.rules import drawing
from booking.usage.rules.formulas import Figures, total
from booking.usage.rules.vectors import HOURS
from booking.usage.views import words
from booking.usage.views.sight import Grid, Sight

MOST_BARS = 10


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its label, its value in words, its length of 100, and the page behind it."""

    label: str
    value: str
    width: float
    url: str | None = None
    others: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a heat map; `words` says where it stands and what it is."""

    x: int
    y: int
    shade: int
    value: str
    words: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve over weeks: its points with words, line and area as paths, ends of both axes."""

    points: list[tuple[drawing.Point, str]]
    line: str
    area: str
    top: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a chart's table, and the page behind its first cell."""

    cells: list[str]
    url: str | None = None


@dataclass(slots=True)
class Chart:
    """A chart with its table. One of `bars`, `cells` and `curve` is drawn; none: it is empty."""

    name: str
    title: str
    text: str  # what is seen, in a sentence: also its accessible description
    formula: str
    headings: list[str]
    rows: list[Row]
    bars: list[Bar] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    lanes: list[str] = field(default_factory=list)  # of cells, top to bottom
    scale: str = ""  # what the darkest shade stands for
    curve: Curve | None = None
    nothing: str = ""  # said instead of an empty chart

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to draw."""
        return not self.bars and not self.cells and self.curve is None


def bars_of(
    sight: Sight, kind: str, title: str, found: dict[str, Figures], measure: str | None = None
) -> Chart:
    """Return bars of each item, longest first; the tail is one bar of its own sums."""
    chosen = measure or sight.asked.measure
    values = {item: words.measure_of(chosen, sums) for item, sums in found.items()}
    ranked = sorted(found, key=lambda item: (-(values[item] or 0.0), sight.name(kind, item)))
    end = max((value for value in values.values() if value), default=0.0)
    shown = ranked if len(ranked) <= MOST_BARS + 1 else ranked[:MOST_BARS]
    bars = [
        Bar(sight.name(kind, item), words.measure_text(chosen, values[item]),
            drawing.width(values[item], end), _behind(sight, kind, item))
        for item in shown
    ]  # fmt: skip
    rest = ranked[len(shown) :]
    if rest:
        value = words.measure_of(chosen, total(found[item] for item in rest))
        bars.append(
            Bar(_("%(count)s others", count=len(rest)), words.measure_text(chosen, value),
                drawing.width(value, end), url_for("usage.chart", name=kind, **sight.asked.query()),
                others=True)
        )  # fmt: skip
    rows = [
        Row([sight.name(kind, item), *words.figure_cells(found[item], sight.days.count)],
            _behind(sight, kind, item))
        for item in ranked
    ]  # fmt: skip
    text = words.measure_names()[chosen]
    return Chart(
        kind, title, text, words.formula(chosen), [title, *words.figure_headings()], rows,
        bars if end else [], nothing=_("No use in these days."),
    )  # fmt: skip


def heat_map(
    name: str, title: str, heading: str, lanes: dict[str, Grid], url: Callable[[int, int], str]
) -> Chart:
    shares = {lane: [u / o if o else None for u, o in hours] for lane, hours in lanes.items()}
    every = [(v, lane, hour) for lane, hours in shares.items() for hour, v in enumerate(hours)]
    end = drawing.scale_end([value for value, _lane, _hour in every])
    cells = [
        Cell(hour, y, drawing.shade(value, end), words.percent(value),
             f"{lane} {hour_text(hour)}: {words.percent(value)}", url(y, hour) if value else None)
        for y, lane in enumerate(lanes)
        for hour, value in enumerate(shares[lane])
    ]  # fmt: skip
    top = max(((v, lane, hour) for v, lane, hour in every if v), default=None)
    text = _("Most: %(lane)s %(hour)s, %(value)s of open time.", lane=top[1],
             hour=hour_text(top[2]), value=words.percent(top[0])) if top else ""  # fmt: skip
    rows = [Row([lane, *(words.percent(value) for value in shares[lane])]) for lane in lanes]
    return Chart(
        name, title, text, words.formula("occupancy"),
        [heading, *(f"{hour:02d}" for hour in range(HOURS))], rows,
        cells=cells if top else [], lanes=list(lanes), scale=words.percent(end),
    )  # fmt: skip


def _behind(sight: Sight, kind: str, item: str) -> str:
    """Return the page of the units behind a bar."""
    return units_url(sight, **{kind: item})


def units_url(sight: Sight, **more: Any) -> str:
    return url_for("usage.units", **sight.asked.query(measure=None, **more))


def hour_text(hour: int) -> str:
    return f"{hour:02d}:00–{hour + 1:02d}:00"
