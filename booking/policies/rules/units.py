"""How many units one reservation may take."""

from collections.abc import Iterator

from booking.core.errors import Violation
from booking.policies.rules.proposal import Proposal
from booking.policies.rules.values import MANAGERS, PoolRules


def unit_violations(rules: PoolRules, p: Proposal) -> Iterator[Violation]:
    """Yield what is wrong with the number of units, at any time."""
    most = rules.max_units
    if p.quantity > most.value:
        yield Violation(
            "too_many_units", most.value, p.quantity, most.origin, MANAGERS, field="quantity"
        )
    if p.quantity > p.units:
        yield Violation("not_enough_units", p.units, p.quantity, "pool", (), field="quantity")
