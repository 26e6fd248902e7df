"""Where the parts of a chart stand, in its own units, and which shade a value has."""

from collections.abc import Sequence
from dataclasses import dataclass

SHADES = 7
# What a scale ends at: the first that holds the largest value.
ENDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
WIDTH, HEIGHT = 720, 180


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a curve and where it stands; None: nothing to be shown there."""

    x: float
    y: float | None


def scale_end(values: Sequence[float | None]) -> float:
    """Return what a scale of shares ends at, above 1 the largest itself."""
    most = max((value for value in values if value is not None), default=0.0)
    return next((end for end in ENDS if most <= end), most)


def shade(value: float | None, end: float) -> int:
    """Return 0 for nothing, else 1 to 7 by how far a value is towards the scale's end."""
    if not value or end <= 0:
        return 0
    return max(1, min(SHADES, -int(-value / end * SHADES // 1)))


def width(value: float | None, end: float) -> float:
    """Return how long a bar is, of 100; what is there at all is seen."""
    if not value or end <= 0:
        return 0.0
    return round(min(100.0, max(0.7, value / end * 100)), 2)


def curve(values: Sequence[float | None], end: float) -> list[Point]:
    """Return where the values of a curve stand, left to right over the whole width."""
    step = WIDTH / max(1, len(values) - 1)
    left = 0.0 if len(values) > 1 else WIDTH / 2
    return [
        Point(round(left + n * step, 1), None if v is None or not end else _height(v, end))
        for n, v in enumerate(values)
    ]


def paths(points: Sequence[Point]) -> tuple[str, str]:
    """Return the line and the area under it as SVG paths; a gap where there is no value."""
    line, area, run = [], [], list[tuple[float, float]]()
    for point in [*points, Point(0, None)]:
        if point.y is not None:
            run.append((point.x, point.y))
        elif run:
            steps = " L".join(f"{x} {y}" for x, y in run)
            line.append(f"M{steps}")
            area.append(f"M{run[0][0]} {HEIGHT} L{steps} L{run[-1][0]} {HEIGHT} Z")
            run = []
    return " ".join(line), " ".join(area)


def _height(value: float, end: float) -> float:
    return round(HEIGHT - min(value / end, 1.0) * HEIGHT, 1)
