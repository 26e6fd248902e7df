"""When one may book, and why not at other times: for calendars, told by the rules themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from booking.core.errors import Violation
from booking.core.period import Period, from_epoch, subtract, to_epoch
from booking.policies.rules.horizon import collected_day, starts_end
from booking.policies.rules.people import person_violations
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.times import open_spans, time_violations
from booking.policies.rules.values import PoolRules

STEP = 1800  # seconds: how finely two reasons within one closed stretch are told apart
# What another moment would mend, or no moment would; not how long it is, nor what it is for.
OF_THE_MOMENT = frozenset({
    "horizon", "fair_opening", "being_drawn", "too_late", "closed_hours", "holiday",
    "outside_shared_hours", "not_shared", "sharing_paused", "level_needed", "level_off_hours",
    "level_ends", "gap_before", "gap_after", "one_at_a_time",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shade:
    """A stretch in which this person may not book, and each rule that says so."""

    period: Period
    why: tuple[Violation, ...]


def bookable_spans(rules: PoolRules, proposal: Proposal, within: Period) -> list[Period]:
    """Return when hours, agreement and horizon let this person book, or ask to be drawn."""
    end = starts_end(rules, proposal)
    collected = collected_day(rules, proposal.now, proposal.zone)
    if collected is not None and collected[0].start == end:
        end = collected[0].end
    end = min(within.end, end)
    if end <= within.start:
        return []
    its_turn = replace(proposal, its_turn=collected is not None)
    return open_spans(rules, its_turn, Period(within.start, end))


def shades(rules: PoolRules, proposal: Proposal, days: list[Period]) -> list[Shade]:
    """Return what is not bookable of each of these days from now on, in order, with the reasons.

    No stretch lies across two days: each tells of its own.
    """
    # Quotas, purpose and note are asked of a booking, not of a moment.
    plain = replace(proposal, accounts=(), purpose=None, note=None, quantity=1)
    found: list[Shade] = []
    for day in days:
        if day.end <= proposal.now:
            continue
        of_day = Period(max(day.start, proposal.now.replace(second=0, microsecond=0)), day.end)
        for closed in subtract(of_day, bookable_spans(rules, proposal, of_day)):
            found += _shades(rules, plain, closed)
    return found


def _shades(rules: PoolRules, proposal: Proposal, closed: Period) -> Iterator[Shade]:
    """Yield the parts of a closed stretch that have the same reasons."""
    start, why = closed.start, _why(rules, proposal, closed.start, closed.end)
    for moment in _steps(closed):
        other = _why(rules, proposal, moment, closed.end)
        if _codes(other) != _codes(why):
            yield Shade(Period(start, moment), why)
            start, why = moment, other
    yield Shade(Period(start, closed.end), why)


def _why(
    rules: PoolRules, proposal: Proposal, moment: datetime, end: datetime
) -> tuple[Violation, ...]:
    piece = Period(moment, min(moment + timedelta(seconds=STEP), end))
    tried = replace(proposal, period=piece)
    found = (*time_violations(rules, tried), *person_violations(rules, tried))
    return tuple(one for one in found if one.code in OF_THE_MOMENT)


def _codes(why: tuple[Violation, ...]) -> tuple[str, ...]:
    return tuple(one.code for one in why)


def _steps(closed: Period) -> Iterator[datetime]:
    first = to_epoch(closed.start) // STEP * STEP + STEP
    for at in range(first, to_epoch(closed.end), STEP):
        yield from_epoch(at)
