"""The one decision about a proposal: every rule asked, every violation out."""

from collections.abc import Iterator
from dataclasses import replace

from booking.core.errors import Violation
from booking.policies.rules.people import person_violations
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.times import length_violations, nearest, time_violations
from booking.policies.rules.units import unit_violations
from booking.policies.rules.values import PoolRules

# Broken at any time or never, for every pool with the same rules.
OF_LENGTH = frozenset({"too_short", "too_long", "granularity_length", "too_many_units"})
# What is wrong with these is wrong at any time, for anybody.
AT_ANY_TIME = OF_LENGTH | {"not_enough_units"}


def newly_broken(old: PoolRules, new: PoolRules, proposal: Proposal) -> tuple[str, ...]:
    """Return the codes of what breaks `new` and did not break `old`, in their order, once each."""
    after = dict.fromkeys(found.code for found in _all(new, proposal))
    if not after:
        return ()
    before = {found.code for found in _all(old, proposal)}
    return tuple(code for code in after if code not in before)


def _all(rules: PoolRules, proposal: Proposal) -> Iterator[Violation]:
    yield from time_violations(rules, proposal)
    yield from person_violations(rules, proposal)
    yield from unit_violations(rules, proposal)


def broken_codes(rules: PoolRules, proposal: Proposal) -> frozenset[str]:
    """Return the code of every broken rule: quicker by far where no nearest time is told."""
    return frozenset(found.code for found in _all(rules, proposal))


def unfit_at_any_time(rules: PoolRules, proposal: Proposal) -> bool:
    """Return whether so long a time, or so many units, can never be booked."""
    never = (*length_violations(rules, proposal), *unit_violations(rules, proposal))
    return any(found.code in OF_LENGTH for found in never)


def violations(rules: PoolRules, proposal: Proposal) -> tuple[Violation, ...]:
    """Return every broken rule, in a fixed order; empty when the proposal passes.

    Each violation of a time rule carries the nearest later period that breaks none of them.
    """
    timely = tuple(time_violations(rules, proposal))
    if timely:
        near = nearest(rules, proposal)
        timely = tuple(replace(violation, nearest=near) for violation in timely)
    return (*timely, *person_violations(rules, proposal), *unit_violations(rules, proposal))
