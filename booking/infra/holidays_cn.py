"""What the `holidays` package knows of mainland China: a seed; the truth is the calendar table."""

from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.metadata import version

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class KnownDay:
    """A day that is not what its weekday says; `kind` ∈ holiday, workday."""

    day: date
    kind: str
    name_zh: str
    name_en: str


def source() -> str:
    """Return what the days are from, such as: holidays 0.109."""
    return f"holidays {version('holidays')}"


def days_of(year: int) -> list[KnownDay]:
    """Return the holidays and make-up workdays of a year, in order.

    A future year for which the yearly notice is not out yet has statutory days only.
    """
    # Only here: it takes 0.1 s and 9 MB that no server needs at its start.
    holidays = import_module("holidays")
    chinese = holidays.country_holidays("CN", years=year, language="zh_CN")
    english = holidays.country_holidays("CN", years=year, language="en_US")
    free = [KnownDay(day, "holiday", chinese[day], english[day]) for day in chinese]
    # The package names make-up days of other years too.
    made_up = [day for day in chinese.weekend_workdays if day.year == year]
    work = [KnownDay(day, "workday", "调休上班", "Make-up workday") for day in made_up]
    return sorted((*free, *work), key=lambda known: known.day)
