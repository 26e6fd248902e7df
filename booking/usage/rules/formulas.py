"""The figures of use and what is worked out of them; each formula names its source.

Sources are the sections of the collected rules of the field ("FIELD 2.7"): the national survey
tool, the ministry's benefit form; or our own, where the state has no formula for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter

HOUR = 3600
DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over units and days. Times in seconds; a unit counts once a day in `unit_days`."""

    unit_days: int = 0
    open: int = 0  # within opening hours, closures taken away
    used_open: int = 0  # used of that
    used: int = 0  # effective: warm-up, use and clean-up, at any time of day
    external: int = 0  # of `used`: by others than the institution that owns the unit
    reservations: int = 0  # begun and not cancelled, rejected or expired, no-shows among them
    no_shows: int = 0


_EACH = attrgetter(*(field.name for field in fields(Figures)))


def total(parts: Iterable[Figures]) -> Figures:
    """Return the sum of all; of none, zeros."""
    columns = zip(*map(_EACH, parts), strict=True)
    return Figures(*map(sum, columns))


def occupancy(sums: Figures) -> float | None:
    """Return the share of open time that is used, None where nothing was open.

    Used within opening hours ÷ (opening hours - closures). Ours: the state counts by the year.
    """
    return sums.used_open / sums.open if sums.open else None


def utilisation(sums: Figures, year_hours: int) -> float | None:
    """Return effective hours ÷ `year_hours` a unit and year, for the days there were.

    利用率, FIELD 2.7, the national survey tool: 1600 hours a year.
    """
    rated = sums.unit_days * year_hours / DAYS_A_YEAR
    return sums.used / HOUR / rated if rated else None


def hours_a_year(sums: Figures) -> float | None:
    """Return effective hours a unit would reach in a year at this pace.

    FIELD 2.7: average hours, the sum of (end - start) ÷ number of units, made a year's.
    """
    return sums.used / HOUR / sums.unit_days * DAYS_A_YEAR if sums.unit_days else None


def sharing_rate(sums: Figures) -> float | None:
    """Return external service hours ÷ effective hours. 共享率, FIELD 2.7."""
    return sums.external / sums.used if sums.used else None


def no_show_rate(sums: Figures) -> float | None:
    """Return reservations to which nobody came ÷ all that were to take place. Ours."""
    return sums.no_shows / sums.reservations if sums.reservations else None
