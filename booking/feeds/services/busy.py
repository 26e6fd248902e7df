"""A person's own busy times: replaced by another file, forgotten."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.accounts.rules.permissions import require
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.period import Period
from booking.core.text import one_line
from booking.feeds.models import BusyCalendar, BusyTime

LONGEST_NAME = 80


def replace_busy_times(
    session: Session, actor: Actor, name: str, times: Sequence[Period],
    left_out: Mapping[str, int], until: datetime, now: datetime,
) -> None:  # fmt: skip
    """Keep these times, disjoint, instead of the actor's former ones. Raises NotFound."""
    require(actor, "calendar.own")
    # The person's row keeps two files that come at once apart.
    session.execute(select(User.id).where(User.id == actor.user_id).with_for_update()).one()
    _forget(session, actor.user_id)
    session.add(
        BusyCalendar(
            user_id=actor.user_id,
            name=one_line(name)[:LONGEST_NAME],
            read_at=now,
            until_at=until,
            times=len(times),
            left_out=json.dumps(dict(left_out), sort_keys=True),
        )  # fmt: skip
    )
    if times:
        rows = [{"user_id": actor.user_id, "start_at": p.start, "end_at": p.end} for p in times]
        session.execute(insert(BusyTime), rows)
    after = {"count": len(times)}
    record(session, actor, "busy.replace", ("user", actor.user_id), now, after=after)


def forget_busy_times(session: Session, actor: Actor, now: datetime) -> None:
    """Forget the actor's calendar and its times; nothing when there is none."""
    require(actor, "calendar.own")
    if _forget(session, actor.user_id):
        record(session, actor, "busy.forget", ("user", actor.user_id), now)


def _forget(session: Session, user_id: int) -> bool:
    session.execute(delete(BusyTime).where(BusyTime.user_id == user_id))
    gone = delete(BusyCalendar).where(BusyCalendar.user_id == user_id)
    return session.scalar(gone.returning(BusyCalendar.user_id)) is not None
