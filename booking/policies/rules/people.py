"""The rules about the person: qualification, purpose, note, and their other reservations."""

from collections.abc import Iterator
from datetime import datetime

from booking.core.errors import Violation
from booking.core.period import Period
from booking.policies.rules.levels import level_time_violations
from booking.policies.rules.proposal import Own, Proposal
from booking.policies.rules.values import MANAGERS, NEVER, PoolRules, Rule, too_late

OTHER = "other"  # the purpose that customs supervision does not cover (FIELD §2.8)


def person_time_violations(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    """Yield what another time could mend: a level that ends, and the person's own reservations."""
    yield from level_time_violations(rules, p)
    gap = rules.own_gap_minutes
    for own in _others(p):
        if gap.value and own.pool_id == p.pool_id and _within_gap(own.period, p.period, gap.value):
            code, edge = _side(own.period, p.period)
            yield Violation(code, gap.value, edge, gap.origin, MANAGERS, field="start")
        elif rules.one_at_a_time.value and own.period.overlaps(p.period):
            origin = rules.one_at_a_time.origin
            yield Violation(
                "one_at_a_time", own.period.end, own.period.start, origin, MANAGERS, field="start"
            )


def person_violations(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    """Yield what no other time would mend: no qualification, purpose, note, too late to change."""
    needed = rules.level
    if needed.value and p.person.qualified_until(needed.value) is None:
        yield Violation(
            "level_needed", needed.value, p.person.level, needed.origin, MANAGERS,
            more={"pool_id": p.pool_id},
        )  # fmt: skip
    yield from _purpose(rules, p)
    note = rules.note_needed
    if note.value and p.note == "":
        yield Violation("note_needed", None, None, note.origin, MANAGERS, field="note")
    latest = rules.edit_latest_minutes
    # What runs may be made longer: that takes only what nobody has booked.
    planned = p.was if p.was is not None and p.was.start > p.now else None
    if planned and latest.value is not None and too_late(latest.value, planned.start, p.now):
        never = latest.value == NEVER
        code = "never_changed" if never else "too_late_to_change"
        limit = None if never else latest.value
        yield Violation(code, limit, planned.start, latest.origin, MANAGERS, field="start")


def late_cancel(latest: Rule[int | None], start: datetime, now: datetime) -> Violation | None:
    """Return what is broken when a reservation that starts at `start` is cancelled now."""
    if latest.value is None or not too_late(latest.value, start, now):
        return None
    never = latest.value == NEVER
    return Violation(
        "never_cancelled" if never else "too_late_to_cancel", None if never else latest.value,
        start, latest.origin, MANAGERS, field="reason",
    )  # fmt: skip


def barred(rules: PoolRules, p: Proposal) -> list[Period]:
    """Return the spans of which a booking may touch no part, for the person's own reservations."""
    gap = rules.own_gap_minutes.value
    spans = []
    for own in _others(p):
        if gap and own.pool_id == p.pool_id:
            spans.append(own.period.widened(gap, gap))
        elif rules.one_at_a_time.value:
            spans.append(own.period)
    return spans


def _others(p: Proposal) -> Iterator[Own]:
    return (own for own in p.person.own if own.reservation_id != p.besides)


def _within_gap(own: Period, asked: Period, minutes: int) -> bool:
    return own.widened(minutes, minutes).overlaps(asked)


def _side(own: Period, asked: Period) -> tuple[str, object]:
    """Return on which side the own reservation lies, and its nearer edge."""
    if own.start < asked.start:
        return "gap_before", own.end
    return "gap_after", own.start


def _purpose(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    allowed = rules.purposes
    if p.purpose is not None and allowed.value is not None and p.purpose not in allowed.value:
        yield Violation(
            "purpose_not_allowed", tuple(sorted(allowed.value)), p.purpose, allowed.origin,
            MANAGERS, field="purpose",
        )  # fmt: skip
    if p.customs and p.purpose == OTHER and not p.insider:
        yield Violation("customs_purpose", None, None, "unit", MANAGERS, field="purpose")
