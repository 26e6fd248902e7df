"""Asking second factors of roles, and reminding whoever lacks one."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from booking.accounts.models import FactorPolicy
from booking.accounts.queries.requiring import factor_policy, required
from booking.accounts.rules.factors import MOST_GRACE_DAYS, ROLES, deadline, reminder_stage
from booking.accounts.rules.permissions import require
from booking.accounts.services.notices import FACTOR_NEEDED
from booking.audit.services import record
from booking.companies.queries.factors import holders
from booking.core.actor import Actor
from booking.core.errors import Invalid
from booking.infra.outbox import Message, enqueue

FURTHEST = timedelta(days=366)


def ask_factors(
    session: Session,
    actor: Actor,
    roles: Iterable[str],
    from_at: datetime,
    grace_days: int,
    now: datetime,
) -> int:
    """Ask a second factor of these roles from then on; return the id of what is in force then.

    Whoever signs in later without one has days of grace from then. Raises NotFound, Invalid on
    fields roles, from_on, grace_days.
    """
    require(actor, "park.edit")
    wanted = set(roles)
    if not wanted <= set(ROLES):
        raise Invalid("invalid", field="roles")
    if not now - FURTHEST <= from_at <= now + FURTHEST:
        raise Invalid("invalid", field="from_on")
    if not 0 <= grace_days <= MOST_GRACE_DAYS:
        raise Invalid("invalid", field="grace_days")
    last = factor_policy(session)
    before = _plain(last)
    row = FactorPolicy(
        roles=" ".join(role for role in ROLES if role in wanted), from_at=from_at,
        grace_days=grace_days, set_at=now, set_by_id=actor.user_id,
    )  # fmt: skip
    if last is not None and before == _plain(row):
        return last.id
    session.add(row)
    session.flush()
    subject = ("factor_policy", row.id)
    record(session, actor, "factor_policy.set", subject, now, before=before, after=_plain(row))
    remind_lacking(session, now)  # nobody waits for the job to learn of it
    return row.id


def remind_lacking(session: Session, now: datetime) -> None:
    """Write to whoever has to add a second factor: once it is known, and before the day.

    Each letter goes once a person and day.
    """
    asked = required(session)
    if not asked.roles:
        return
    letters = []
    for holder in holders(session, now):
        due = deadline(asked, holder.asked_at)
        if holder.has_factor or not asked.roles & holder.roles or due is None or due <= now:
            continue
        about = f"user:{holder.user_id}"
        stage, until = reminder_stage(due - now), int(due.timestamp())
        letters.append(
            Message(
                dedupe_key=f"{about}:{FACTOR_NEEDED}:{until}:{stage}", kind=FACTOR_NEEDED,
                recipient_id=holder.user_id, subject_ref=about, due_at=now, useful_until=due,
                parameters=json.dumps({"until": until}),
            )
        )  # fmt: skip
    enqueue(session, letters, now)


def _plain(row: FactorPolicy | None) -> dict[str, object] | None:
    if row is None:
        return None
    return {"roles": row.roles, "from_at": row.from_at, "grace_days": row.grace_days}
