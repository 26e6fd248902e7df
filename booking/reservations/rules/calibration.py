"""When a calibration that is coming due is spoken of. Pure."""

from datetime import date


def days_left(due_on: date, today: date) -> int:
    """Return the days of use left after today: 0 on the last one, below 0 once it is overdue."""
    return (due_on - today).days


def warns(due_on: date, warn_days: int, today: date) -> bool:
    """Return whether it is near enough to be told: from so many days before, on the last day too.

    After it the unit is closed, and there is nothing to warn of.
    """
    return 0 <= days_left(due_on, today) <= warn_days
