"""Booking in spite of a rule: who may, and with which reason."""

from booking.accounts.rules.permissions import may, relations
from booking.core.actor import Actor
from booking.core.errors import RuleViolated, Violation
from booking.reservations.queries.facts import PoolFacts


def settle(
    actor: Actor, pool: PoolFacts, found: tuple[Violation, ...], override_reason: str
) -> tuple[str, ...]:
    """Return the codes of what was overridden; raise RuleViolated with all when one stands.

    Without the right to override, or without a reason, nothing is overridden (DESIGN §9).
    """
    if not found:
        return ()
    if not override_reason.strip() or not may_override(actor, pool, found):
        raise RuleViolated(found)
    return tuple(dict.fromkeys(violation.code for violation in found))


def may_override(actor: Actor, pool: PoolFacts, found: tuple[Violation, ...]) -> bool:
    """Return whether `actor`, giving a reason, may override every one of these violations."""
    if not may(actor, "reservation.override", pool.subject()):
        return False
    roles = relations(actor, pool.subject())
    return all(roles & set(violation.overridable_by) for violation in found)
