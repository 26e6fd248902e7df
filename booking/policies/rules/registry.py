"""What each rule may be: its type, bounds, which of two values is the stricter, and where it may
be set. The pages, the import of rules, “explain” and “what if” all read this one table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from booking.core.errors import Invalid
from booking.core.hours import WeeklyHours
from booking.policies.rules.values import NEVER, Rule

PURPOSES = ("research", "development", "teaching", "other")
EVERYWHERE = ("park", "site", "category", "lab", "pool")
STAFFED_DAYS = ("workdays", "six_days", "daily")
A_ROW_ID = 2**53  # every number JSON keeps
A_YEAR_OF_MINUTES = 366 * 24 * 60


@dataclass(frozen=True, slots=True)
class RuleKind:
    """One rule: how its value is kept and checked, and how two values compare.

    `type`: minutes, hours, days, count, minute (of the day), flag, choice, weekly, purposes, group
    (the id of a decider group, 0 for none) or latest (minutes before, nothing for no limit, NEVER
    for not at all). `strict`: low, high, true or none (values that do not compare: the nearest
    wins, groups cannot set it).
    """

    name: str
    type: str
    section: str
    strict: str
    least: int = 0
    most: int = 0
    choices: tuple[str, ...] = ()
    scopes: tuple[str, ...] = EVERYWHERE

    @property
    def for_groups(self) -> bool:
        """Return whether a group of people may have a value of its own."""
        return self.strict != "none"

    def strictest(self, rules: Sequence[Rule[Any]]) -> Rule[Any]:
        """Return the strictest of these values; the first of equals."""
        return reduce(lambda a, b: b if self._rank(b.value) > self._rank(a.value) else a, rules)

    def loosest(self, rules: Sequence[Rule[Any]]) -> Rule[Any]:
        """Return the loosest of these values; the first of equals."""
        return reduce(lambda a, b: b if self._rank(b.value) < self._rank(a.value) else a, rules)

    def parse(self, stored: Any) -> Any:
        """Return the value of its JSON form, checked. Raises Invalid naming the rule."""
        if self.type == "weekly":
            return None if stored is None else _weekly(self.name, stored)
        if self.type == "purposes":
            return None if stored is None else _purposes(self.name, stored)
        if self.type == "flag":
            return _flag(self.name, stored)
        if self.type == "choice":
            return self._choice(stored)
        if self.type == "latest" and stored in (None, NEVER):
            return stored
        return self._number(stored)

    def plain(self, value: Any) -> Any:
        """Return the JSON form of a value: what `parse` reads."""
        if isinstance(value, WeeklyHours):
            return value.text
        return sorted(value) if isinstance(value, frozenset) else value

    def _rank(self, value: Any) -> float:
        if self.type == "latest":
            return -1.0 if value is None else float("inf") if value == NEVER else float(value)
        return -float(value) if self.strict == "low" else float(value)

    def _number(self, stored: Any) -> int:
        if isinstance(stored, bool) or not isinstance(stored, int):
            raise Invalid("not_whole", field=self.name, actual=stored)
        if not self.least <= stored <= self.most:
            raise Invalid(
                "out_of_range", field=self.name, least=self.least, most=self.most, actual=stored
            )
        return stored

    def _choice(self, stored: Any) -> str:
        if stored not in self.choices:
            raise Invalid("unknown_choice", field=self.name, actual=stored)
        return str(stored)


def _weekly(name: str, stored: Any) -> WeeklyHours:
    try:
        return WeeklyHours.parse(str(stored))
    except ValueError as error:
        raise Invalid("not_hours", field=name, part=str(stored)) from error


def _purposes(name: str, stored: Any) -> frozenset[str]:
    if not isinstance(stored, list) or not stored or not set(stored) <= set(PURPOSES):
        raise Invalid("unknown_purpose", field=name, actual=stored)
    return frozenset(stored)


def _flag(name: str, stored: Any) -> bool:
    if not isinstance(stored, bool):
        raise Invalid("not_a_flag", field=name, actual=stored)
    return stored


KINDS: tuple[RuleKind, ...] = (
    RuleKind("opening_hours", "weekly", "times", "none"),
    RuleKind("holidays", "choice", "times", "none", choices=("open", "closed")),
    RuleKind("overnight", "flag", "times", "low"),
    RuleKind("granularity_minutes", "minutes", "lengths", "none", 1, 24 * 60),
    RuleKind("min_minutes", "minutes", "lengths", "high", 1, A_YEAR_OF_MINUTES),
    RuleKind("max_minutes", "minutes", "lengths", "low", 1, A_YEAR_OF_MINUTES),
    RuleKind("horizon_days", "days", "limits", "low", 0, 3660),
    RuleKind("create_latest_minutes", "latest", "limits", "high", 0, A_YEAR_OF_MINUTES),
    RuleKind("edit_latest_minutes", "latest", "limits", "high", 0, A_YEAR_OF_MINUTES),
    RuleKind("cancel_latest_minutes", "latest", "limits", "high", 0, A_YEAR_OF_MINUTES),
    RuleKind("warmup_minutes", "minutes", "buffers", "none", 0, 24 * 60),
    RuleKind("cleanup_minutes", "minutes", "buffers", "none", 0, 24 * 60),
    RuleKind("share_buffers", "flag", "buffers", "none"),
    RuleKind("merge_minutes", "latest", "buffers", "none", 0, 24 * 60),
    RuleKind("early_start_minutes", "minutes", "buffers", "low", 0, 24 * 60),
    RuleKind("own_gap_minutes", "minutes", "people", "high", 0, A_YEAR_OF_MINUTES),
    RuleKind("one_at_a_time", "flag", "people", "high"),
    RuleKind("max_units", "count", "people", "low", 1, 12_000),
    RuleKind("level", "count", "people", "high", 0, 9),
    RuleKind("off_hours_level", "count", "people", "high", 0, 9),
    RuleKind("staffed_days", "choice", "people", "none", choices=STAFFED_DAYS),
    RuleKind("staffed_from_minute", "minute", "people", "none", 0, 24 * 60 - 1),
    RuleKind("staffed_until_minute", "minute", "people", "none", 0, 24 * 60 - 1),
    RuleKind("purposes", "purposes", "people", "none"),
    RuleKind("note_needed", "flag", "people", "high"),
    RuleKind("company_decides", "flag", "decisions", "high"),
    RuleKind("group_decides", "group", "decisions", "none", 0, A_ROW_ID),
    RuleKind("decide_within_hours", "hours", "decisions", "none", 1, 24 * 60),
    RuleKind("unit_fixed_hours", "hours", "decisions", "none", 0, 24 * 60),
    RuleKind("check_in", "flag", "use", "none"),
    RuleKind("check_in_early_minutes", "minutes", "use", "none", 0, 24 * 60),
    RuleKind("no_show_minutes", "minutes", "use", "none", 1, 24 * 60),
    RuleKind("hold_minutes", "minutes", "decisions", "none", 0, 60),
    RuleKind("offer_minutes", "minutes", "decisions", "none", 5, 7 * 24 * 60),
    RuleKind("priority_after_fault", "flag", "decisions", "none"),
    RuleKind("opens_at_minute", "minute", "limits", "none", 0, 24 * 60 - 1),
    RuleKind("fair_opening_minutes", "minutes", "limits", "none", 0, 24 * 60),
)
BY_NAME = {kind.name: kind for kind in KINDS}
# code of a violation -> the rule it breaks; other codes are of no single rule
RULE_OF: dict[str, str] = {
    "horizon": "horizon_days",
    "fair_opening": "fair_opening_minutes",
    "being_drawn": "fair_opening_minutes",
    "reaches_fair_day": "fair_opening_minutes",
    "too_late": "create_latest_minutes",
    "granularity_start": "granularity_minutes",
    "granularity_length": "granularity_minutes",
    "too_short": "min_minutes",
    "too_long": "max_minutes",
    "closed_hours": "opening_hours",
    "holiday": "holidays",
    "overnight": "overnight",
    "too_many_units": "max_units",
    "level_needed": "level",
    "level_ends": "level",
    "level_off_hours": "off_hours_level",
    "gap_before": "own_gap_minutes",
    "gap_after": "own_gap_minutes",
    "one_at_a_time": "one_at_a_time",
    "purpose_not_allowed": "purposes",
    "note_needed": "note_needed",
    "too_late_to_change": "edit_latest_minutes",
    "never_changed": "edit_latest_minutes",
    "too_late_to_cancel": "cancel_latest_minutes",
    "never_cancelled": "cancel_latest_minutes",
}
