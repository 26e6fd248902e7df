"""How pools, units, parties and rules are worded on pages."""

from typing import Protocol

from flask_babel import gettext, ngettext

from booking.policies.rules.values import PoolRules
from booking.reservations.queries.facts import PoolFacts
from booking.web.formats import hours_text, length_text
from booking.web.locale import named


class Numbered(Protocol):
    """What tells one unit of a pool from another."""

    @property
    def unit_id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def asset_no(self) -> str: ...
    @property
    def serial(self) -> str: ...


def unit_text(unit: Numbered) -> str:
    """Return what a unit is called: its own name, else its number on the shelf."""
    return unit.name or unit.asset_no or unit.serial or f"#{unit.unit_id}"


def purpose_text(purpose: str) -> str:
    """Return a purpose in words."""
    return {
        "research": gettext("Research"),
        "development": gettext("Development"),
        "teaching": gettext("Teaching"),
        "other": gettext("Other"),
    }.get(purpose, purpose)


def rule_lines(pool: PoolFacts, *, insider: bool, units: int) -> list[tuple[str, str]]:
    """Return a pool's rules as (what, in words), only those that bind this reader."""
    rules = pool.rules
    lines = [(gettext("Opening hours"), hours_text(rules.opening_hours.value))]
    if not insider and pool.sharing is not None and pool.sharing.hours is not None:
        lines.append((gettext("Shared"), hours_text(pool.sharing.hours)))
    lines.append((gettext("Length"), _lengths(rules)))
    lines.append(
        (
            gettext("Book ahead"),
            ngettext("up to %(num)s day", "up to %(num)s days", rules.horizon_days.value),
        )
    )
    if rules.warmup_minutes.value or rules.cleanup_minutes.value:
        lines.append((gettext("Blocked besides"), _buffers(rules)))
    if units > 1:
        most = min(rules.max_units.value, units)
        lines.append((gettext("Units"), gettext("at most %(count)s at once", count=most)))
    return lines


def approval_text(pool: PoolFacts, approvers: list[str], *, decides: bool) -> str:
    """Return in a sentence whether a booking needs a decision, whose, and how soon."""
    if pool.approval == "auto":
        return gettext("Approved at once.")
    if decides:
        return gettext("Approved at once: you decide on this instrument.")
    hours = length_text(pool.rules.decide_within_hours.value * 60)
    if not approvers:
        return gettext("The lab decides, within %(hours)s.", hours=hours)
    return gettext("%(names)s decides, within %(hours)s.", names=names_text(approvers), hours=hours)


def names_text(names: list[str], most: int = 2) -> str:
    """Return names joined; beyond `most` only that there are others."""
    if len(names) <= most:
        return gettext(" or ").join(names)
    return gettext("%(names)s or a colleague", names=gettext(", ").join(names[:most]))


def party_text(names: tuple[str, str]) -> str:
    """Return a party's name in the reader's language; a dash for none (imported rows)."""
    return named(*names) or "–"


def _lengths(rules: PoolRules) -> str:
    return gettext(
        "%(least)s to %(most)s, in steps of %(step)s",
        least=length_text(rules.min_minutes.value),
        most=length_text(rules.max_minutes.value),
        step=length_text(rules.granularity_minutes.value),
    )


def _buffers(rules: PoolRules) -> str:
    parts = []
    if rules.warmup_minutes.value:
        parts.append(
            gettext("%(length)s before (warm-up)", length=length_text(rules.warmup_minutes.value))
        )
    if rules.cleanup_minutes.value:
        parts.append(
            gettext("%(length)s after (clean-up)", length=length_text(rules.cleanup_minutes.value))
        )
    return gettext(", ").join(parts)
