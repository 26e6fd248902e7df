"""How pools, units, parties and rules are worded on pages."""

from functools import reduce
from typing import Any, Protocol

from flask_babel import gettext, ngettext

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.infra import clock
from booking.policies.rules.values import DEFAULTS, PoolRules, Rule
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.named import Named
from booking.web.formats import hours_text, length_text, pause_text
from booking.web.locale import named
from booking.web.login import actor
from booking.web.rule_words import origin_text, rule_text, value_text

FURTHER = (
    "holidays", "overnight", "create_latest_minutes", "edit_latest_minutes",
    "cancel_latest_minutes", "early_start_minutes", "merge_minutes", "own_gap_minutes",
    "one_at_a_time", "level", "off_hours_level", "purposes", "note_needed", "check_in",
)  # fmt: skip


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


def purpose_told(found: Named, reader: Actor | None = None) -> str:
    """Return a reservation's purpose in words, or that the reader, who is signed in, is not told.

    `reader`: who reads it without signing in.
    """
    who = reader or actor()
    kept = found.hides_purpose and not may(who, "reservation.read_purpose", found.subject)
    return gettext("not told to the owner") if kept else purpose_text(found.row.purpose)


def rule_lines(
    pool: PoolFacts, *, insider: bool, units: int, rules: PoolRules | None = None
) -> list[tuple[str, str]]:
    """Return a pool's rules as (what, in words), only those that bind this reader.

    `rules` are the reader's own where they are known, else everyone's. A value that neither the
    pool nor the program sets says where it is from.
    """
    rules = pool.rules if rules is None else rules
    hours = rules.opening_hours
    lines = [(gettext("Opening hours"), _from(hours_text(hours.value), hours))]
    if not insider and pool.sharing is not None and pool.sharing.hours is not None:
        lines.append((gettext("Shared"), hours_text(pool.sharing.hours)))
    paused = pool.sharing.pause_from(clock.now()) if pool.sharing is not None else None
    if pool.sharing is not None and paused is not None:
        lines.append((gettext("Sharing"), pause_text(paused, pool.sharing.paused_until, pool.zone)))
    lines.append((gettext("Length"), _lengths(rules)))
    ahead = ngettext("up to %(num)s day", "up to %(num)s days", rules.horizon_days.value)
    lines.append((gettext("Book ahead"), _from(ahead, rules.horizon_days)))
    lines += _opening(rules)
    if rules.warmup_minutes.value or rules.cleanup_minutes.value:
        lines.append((gettext("Blocked besides"), _buffers(rules)))
    if units > 1:
        most = min(rules.max_units.value, units)
        lines.append((gettext("Units"), gettext("at most %(count)s at once", count=most)))
    return [*lines, *_further(rules)]


def approval_text(pool: PoolFacts, approvers: list[str], *, decides: bool) -> str:
    """Return whether a booking needs a decision, whose in which order, and how soon."""
    rules = pool.rules
    if not rules.company_decides.value and not rules.group_decides.value:
        return _lab_decides(pool, approvers, decides=decides)
    told = []
    if rules.company_decides.value:
        told.append(gettext("An admin of your company agrees first."))
    if pool.approval != "auto" and not decides:
        told.append(_lab_decides(pool, approvers, decides=False))
    if rules.group_decides.value:
        group = value_text("group_decides", rules.group_decides.value)
        told.append(gettext("Last, %(group)s agrees.", group=group))
    return reduce(lambda a, b: gettext("%(first)s %(second)s", first=a, second=b), told)


def _lab_decides(pool: PoolFacts, approvers: list[str], *, decides: bool) -> str:
    if pool.approval == "auto":
        return gettext("Approved at once.")
    if decides:
        return gettext("Approved at once: you decide on this instrument.")
    hours = length_text(pool.rules.decide_within_hours.value * 60)
    if not approvers:
        return gettext("The lab decides, within %(hours)s.", hours=hours)
    return gettext("%(names)s decides, within %(hours)s.", names=names_text(approvers), hours=hours)


def decider_text(
    kind: str, party: tuple[str, str], lab: tuple[str, str], group: tuple[str, str]
) -> str:
    """Return who decides a step: the company, the lab or the group, by name."""
    return named(*{"company": party, "group": group}.get(kind, lab)) or "–"


def names_text(names: list[str], most: int = 2) -> str:
    """Return names joined; beyond `most` only that there are others."""
    if len(names) <= most:
        return gettext(" or ").join(names)
    return gettext("%(names)s or a colleague", names=gettext(", ").join(names[:most]))


def group_text(kind: str) -> str:
    """Return what a kind of group of reservations is called."""
    return {
        "series": gettext("Series"), "bundle": gettext("Bundle"), "chain": gettext("Sequence"),
    }[kind]  # fmt: skip


def party_text(names: tuple[str, str]) -> str:
    """Return a party's name in the reader's language; a dash for none (imported rows)."""
    return named(*names) or "–"


def _opening(rules: PoolRules) -> list[tuple[str, str]]:
    """Return when one more day opens, and how, where it is not at midnight to who comes first."""
    fair, opens = rules.fair_opening_minutes, rules.opens_at_minute
    lines = []
    if fair.value or opens.value:
        text = value_text("opens_at_minute", opens.value)
        lines.append((rule_text("opens_at_minute"), _from(text, opens)))
    if fair.value:
        length = value_text("fair_opening_minutes", fair.value)
        text = gettext("requests of the first %(length)s: least recent use first", length=length)
        lines.append((rule_text("fair_opening_minutes"), _from(text, fair)))
    return lines


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


def _further(rules: PoolRules) -> list[tuple[str, str]]:
    """Return the rules that few pools have, where they are not as everywhere."""
    found = []
    for name in FURTHER:
        rule: Rule[Any] = getattr(rules, name)
        if rule.value != getattr(DEFAULTS, name).value:
            found.append((rule_text(name), _from(value_text(name, rule.value), rule)))
    return found


def _from(text: str, rule: Rule[Any]) -> str:
    """Return a value with where it is from, unless the pool itself or nobody sets it."""
    if rule.group:
        return gettext("%(value)s (for your group)", value=text)
    if rule.origin in ("default", "pool"):
        return text
    return gettext("%(value)s (%(origin)s)", value=text, origin=origin_text(rule.origin))
