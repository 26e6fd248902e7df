"""A change of rules as plain values: which scopes and groups there are, and whether it is fit."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from booking.companies.rules.register import PRICE_TIERS
from booking.core.errors import Invalid
from booking.core.hours import MINUTES_A_DAY
from booking.core.text import is_keepable
from booking.policies.rules.registry import BY_NAME
from booking.policies.rules.values import PoolRules

# Rules whose own value on a pool is a column of `pool`.
POOL_COLUMNS = (
    "opening_hours", "granularity_minutes", "min_minutes", "max_minutes", "horizon_days",
    "warmup_minutes", "cleanup_minutes", "max_units", "decide_within_hours",
)  # fmt: skip
BUFFERS = ("warmup_minutes", "cleanup_minutes")
LONGEST_TAG = 40
LEVELS = range(1, 10)
_TIERS = frozenset(PRICE_TIERS)
_LEVELS = frozenset(str(level) for level in LEVELS)


@dataclass(frozen=True, slots=True)
class Change:
    """One rule to set at a place, for everyone or for `group`; `value` is its JSON form.

    `clear`: take the value away, so that it is inherited again.
    """

    rule: str
    value: Any = None
    group: str = ""
    grants: bool = False
    clear: bool = False


def checked(change: Change, scope_kind: str) -> Any:
    """Return the change's value, read. Raises Invalid naming the rule."""
    kind = BY_NAME.get(change.rule)
    if kind is None or scope_kind not in kind.scopes:
        raise Invalid("unknown_rule", field=change.rule)
    if change.group:
        group_parts(change.group, change.rule)
        if not kind.for_groups:
            raise Invalid("not_for_groups", field=change.rule)
    if change.clear:
        return None
    value = kind.parse(change.value)
    if change.rule == "granularity_minutes" and MINUTES_A_DAY % value:
        # Otherwise the last slot of each day would be shorter than the others.
        raise Invalid("not_a_grid", field=change.rule, actual=value)
    return value


def group_parts(group: str, rule: str = "group") -> tuple[str, str]:
    """Return (kind, key) of a group such as `company:7` or `tag:night`. Raises Invalid."""
    if not is_group(group):
        raise Invalid("unknown_group", field=rule, actual=group)
    kind, _, key = group.partition(":")
    return kind, key


def is_group(group: str) -> bool:
    """Return whether `group` is written as a group; whether its company exists is not asked."""
    kind, _, key = group.partition(":")
    fit = {
        "company": _is_id, "institution": _is_id, "tag": is_tag,
        "tier": _TIERS.__contains__, "level": _LEVELS.__contains__,
    }.get(kind)  # fmt: skip
    return fit is not None and fit(key)


def is_tag(text: str) -> bool:
    """Return whether `text` can be a tag: 1 to 40 characters, no blanks at its ends."""
    return 0 < len(text) <= LONGEST_TAG and text == text.strip() and is_keepable(text)


def lengths(rules: PoolRules) -> tuple[int, int, int]:
    """Return (shortest, longest, grid) in minutes."""
    return rules.min_minutes.value, rules.max_minutes.value, rules.granularity_minutes.value


def fits(least: int, most: int, step: int) -> bool:
    """Return whether a multiple of `step` lies from `least` to `most`."""
    return most // step * step >= max(least, step)


def fingerprint(values: Mapping[Any, Any]) -> int:
    """Return a number that tells whether the values a page showed are still those."""
    return zlib.crc32(repr(sorted(values.items(), key=repr)).encode())


def _is_id(key: str) -> bool:
    return key.isascii() and key.isdigit() and 0 < len(key) < 19
