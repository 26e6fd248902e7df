"""Which pools and units a person sees: the one condition all lists and pages stand on."""

from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, or_, select, true

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.period import Period
from booking.inventory.models import Contribution, Pool

# A moment, or the parameter of a statement that is built once.
Moment = datetime | ColumnElement[datetime]


def pools_seen_by(actor: Actor, now: datetime) -> ColumnElement[bool]:
    """Return the condition on Pool: not retired, and shared now or the actor's own (DESIGN §1).

    `rules.sharing.sees_pool` says the same of one pool. Use it in every query that lists pools or
    units to a person; a unit is seen with its pool.
    """
    return pools_seen(own_pools(actor), now)


def pools_seen(own: ColumnElement[bool], now: Moment) -> ColumnElement[bool]:
    """Return the same where the condition for the actor's own pools is known."""
    return Pool.retired_at.is_(None) & or_(own, shared_pools(now))


def own_pools(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on Pool: of the actor's institution or lab; any for who sees all."""
    if may(actor, "pool.see_unshared"):
        return true()
    return pools_of(sorted(actor.institution_ids), sorted(actor.lab_ids))


def pools_of(
    institutions: list[int] | BindParameter[int], labs: list[int] | BindParameter[int]
) -> ColumnElement[bool]:
    """Return the condition on Pool: of one of these institutions or labs."""
    return or_(Pool.institution_id.in_(institutions), Pool.lab_id.in_(labs))


def shared_pools(now: Moment) -> ColumnElement[bool]:
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
    return agreed_between(period.start, period.end)


def agreed_between(start: Moment, end: Moment) -> tuple[ColumnElement[bool], ...]:
    """Return the same for [start, end)."""
    return (
        Contribution.from_at <= start,
        or_(Contribution.until_at.is_(None), Contribution.until_at >= end),
        or_(
            Contribution.paused_from.is_(None), Contribution.paused_from >= end,
            Contribution.paused_until <= start,
        ),
    )  # fmt: skip
