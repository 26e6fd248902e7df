"""The settings that services need, read from the app's configuration once per use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app


@dataclass(frozen=True, slots=True)
class Times:
    """Hours: until an undecided request expires, until units are final, before start to remind."""

    decide_within_hours: int
    unit_fixed_hours: int
    reminder_hours: tuple[int, ...]


def times() -> Times:
    """Return the times configured for this park."""
    config = current_app.config
    reminders = str(config["REMINDER_HOURS"]).split(",")
    return Times(
        config["DECIDE_WITHIN_HOURS"],
        config["UNIT_FIXED_HOURS"],
        tuple(int(hours) for hours in reminders if hours.strip()),
    )


def find_weights() -> tuple[int, int, int]:
    """Return how much it counts in the best offers that they are soon, fit well and are near."""
    config = current_app.config
    return config["FIND_WEIGHT_SOONEST"], config["FIND_WEIGHT_FIT"], config["FIND_WEIGHT_NEAR"]


def second_factor_roles(config: Mapping[str, Any]) -> frozenset[str]:
    """Return the roles of which a second factor is asked."""
    return frozenset(str(config["SECOND_FACTOR_ROLES"]).replace(",", " ").split())
