"""Which pools and units a person sees: the one condition all lists and pages stand on."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.period import Period
from booking.inventory.models import Contribution, Pool


def pools_seen_by(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Return the condition on Pool: not retired, and shared now or the actor's own (DESIGN §1).

    `rules.sharing.sees_pool` says the same of one pool. Use it in every query that lists pools or
    units to a person; a unit is seen with its pool.
    """
    return Pool.retired_at.is_(None) & or_(own_pools(actor), shared_pools(now))


def own_pools(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Pool: of the actor's institution or lab; any for who sees all."""
    if may(actor, "pool.see_unshared"):
        return true()
    return or_(
        Pool.institution_id.in_(sorted(actor.institution_ids)),
        Pool.lab_id.in_(sorted(actor.lab_ids)),
    )


def shared_pools(now: datetime) -> ColumnElement[bool]:
    """Return the condition on Pool: an agreement shares it at `now`."""
    agreement = select(Contribution.id).where(
        Contribution.pool_id == Pool.id,
        Contribution.ended_at.is_(None),
        Contribution.from_at <= now,
        or_(Contribution.until_at.is_(None), Contribution.until_at > now),
    )
    # Only Pool is the outer query's, even where that one joins Contribution itself.
    return agreement.correlate(Pool).exists()


def agreed_during(period: Period) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on Contribution: its days hold all of `period`, no pause meets it.

    `rules.sharing.Sharing` says the same of one agreement; weekly hours are asked apart.
    """
    return (
        Contribution.from_at <= period.start,
        or_(Contribution.until_at.is_(None), Contribution.until_at >= period.end),
        or_(
            Contribution.paused_from.is_(None), Contribution.paused_from >= period.end,
            Contribution.paused_until <= period.start,
        ),
    )  # fmt: skip
