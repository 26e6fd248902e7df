"""Being away: somebody else decides until a day, then it ends by itself."""

import json
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.queries.signing_in import user_by_email
from booking.audit.services import record
from booking.companies.models import Absence
from booking.companies.queries.absences import may_stand_in, own_duties
from booking.core.actor import NO_DUTIES, Actor
from booking.core.errors import Forbidden, Invalid
from booking.core.period import Period, to_epoch
from booking.core.text import LINE, one_line
from booking.infra.outbox import Message, enqueue, void

LONGEST = timedelta(days=366)
STANDS_IN, NO_LONGER = "standing_in", "standing_in_ended"


def set_absence(
    session: Session,
    actor: Actor,
    period: Period,
    deputy_email: str,
    note: str,
    now: datetime,
) -> int:
    """Return the id of the actor's absence; it takes the place of one set before.

    Who stands in belongs to every lab, company and approval group the actor decides for. Raises
    Forbidden for who decides on nothing, Invalid (fields until, deputy).
    """
    duties = own_duties(session, actor)
    if duties == NO_DUTIES:
        raise Forbidden
    if period.end <= now:
        raise Invalid("ends_in_the_past", field="until")
    if period.end - period.start > LONGEST:
        raise Invalid("absence_too_long", field="until", limit=LONGEST.days)
    deputy = user_by_email(session, deputy_email)
    # One answer for all who may not: who else has an account is nobody's business.
    if deputy is None or deputy.id == actor.user_id:
        raise Invalid("no_stand_in", field="deputy")
    if not may_stand_in(session, actor, duties, deputy.id, now):
        raise Invalid("no_stand_in", field="deputy")
    end_absence(session, actor, now)
    row = Absence(
        user_id=actor.user_id, deputy_id=deputy.id, from_at=period.start, until_at=period.end,
        note=one_line(note)[:LINE], set_at=now,
    )  # fmt: skip
    session.add(row)
    deputy.has_duties = 1  # it is looked up from now on for whom they decide
    session.flush()
    told = {"by": actor.name, "start": to_epoch(period.start), "end": to_epoch(period.end)}
    _tell(session, row, STANDS_IN, told, now)
    record(
        session, actor, "absence.set", ("absence", row.id), now,
        after={"deputy_id": deputy.id, "from": str(period.start), "until": str(period.end)},
    )  # fmt: skip
    return row.id


def end_absence(session: Session, actor: Actor, now: datetime) -> bool:
    """Return whether the actor's absence was ended; whoever stood in is told if it still ran."""
    row = session.scalars(
        select(Absence)
        .where(Absence.user_id == actor.user_id, Absence.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return False
    row.ended_at = now
    session.flush()
    if row.until_at > now:
        void(session, _ref(row), (STANDS_IN,))
        _tell(session, row, NO_LONGER, {"by": actor.name}, now)
        record(session, actor, "absence.end", ("absence", row.id), now)
    return True


def _tell(
    session: Session, row: Absence, kind: str, parameters: dict[str, object], now: datetime
) -> None:
    message = Message(
        dedupe_key=f"{_ref(row)}:{kind}", kind=kind, recipient_id=row.deputy_id,
        subject_ref=_ref(row), due_at=now, useful_until=row.until_at,
        parameters=json.dumps(parameters, ensure_ascii=False),
    )  # fmt: skip
    enqueue(session, [message], now)


def _ref(row: Absence) -> str:
    return f"absence:{row.id}"
