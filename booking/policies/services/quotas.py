"""Setting and ending quotas at a place of the tree."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound
from booking.core.hours import WeeklyHours
from booking.policies.models import QuotaRow
from booking.policies.queries.own import scope_to_edit
from booking.policies.rules.settings import group_parts
from booking.policies.services.settings import lock_edition, renew_edition

SUBJECTS = ("person", "company")
MEASURES = ("minutes", "count")
PERIODS = ("day", "week", "month", "rolling", "future")
MOST = 366 * 24 * 60 * 1000  # minutes: a thousand units for a year
MOST_ROLLING = 366


@dataclass(frozen=True, slots=True)
class QuotaWanted:
    """A quota as somebody wants it; `amount` in minutes or reservations, `hours` as stored."""

    subject: str
    measure: str
    period: str
    amount: int
    rolling_days: int = 0
    hours: str | None = None
    week_start: int = 1
    group: str = ""
    grants: bool = False
    counts_no_show: bool = False


def set_quota(
    session: Session, actor: Actor, scope: tuple[str, str], wanted: QuotaWanted, now: datetime
) -> int:
    """Return the id of a new quota at a place. What is booked already stays.

    Raises NotFound, Invalid naming the field.
    """
    place = scope_to_edit(session, actor, *scope)
    kind, key = _checked(wanted)
    lock_edition(session)
    row = QuotaRow(
        scope_kind=place.kind, scope_key=place.key, subject=wanted.subject,
        measure=wanted.measure, period=wanted.period, amount=wanted.amount,
        rolling_days=wanted.rolling_days if wanted.period == "rolling" else 0,
        hours=WeeklyHours.parse(wanted.hours).text if wanted.hours else None,
        week_start=wanted.week_start, group_kind=kind, group_key=key,
        grants=int(wanted.grants and bool(kind)), counts_no_show=int(wanted.counts_no_show),
        set_at=now, set_by_id=actor.user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    renew_edition(session)
    record(session, actor, "quota.set", (place.kind, place.number), now, after=_plain(row))
    return row.id


def end_quota(session: Session, actor: Actor, quota_id: int, now: datetime) -> tuple[str, str]:
    """End a quota; return its place. Raises NotFound unless the actor sets rules there."""
    row = session.get(QuotaRow, quota_id)
    if row is None or row.retired_at is not None:
        raise NotFound("quota")
    place = scope_to_edit(session, actor, row.scope_kind, row.scope_key)
    lock_edition(session)
    row.retired_at = now
    session.flush()
    renew_edition(session)
    record(session, actor, "quota.end", (place.kind, place.number), now, before=_plain(row))
    return row.scope_kind, row.scope_key


def _checked(wanted: QuotaWanted) -> tuple[str, str]:
    """Return the kind and key of the group. Raises Invalid."""
    for field, choices in (("subject", SUBJECTS), ("measure", MEASURES), ("period", PERIODS)):
        if getattr(wanted, field) not in choices:
            raise Invalid("unknown_choice", field=field, actual=getattr(wanted, field))
    if not 0 <= wanted.amount <= MOST:
        raise Invalid("out_of_range", field="amount", least=0, most=MOST, actual=wanted.amount)
    if not 1 <= wanted.week_start <= 7:
        raise Invalid("out_of_range", field="week_start", least=1, most=7, actual=wanted.week_start)
    days = wanted.rolling_days
    if wanted.period == "rolling" and not 1 <= days <= MOST_ROLLING:
        raise Invalid("out_of_range", field="rolling_days", least=1, most=MOST_ROLLING, actual=days)
    try:
        WeeklyHours.parse(wanted.hours or "")
    except ValueError as error:
        raise Invalid("not_hours", field="hours", part=wanted.hours) from error
    return group_parts(wanted.group, "group") if wanted.group else ("", "")


def _plain(row: QuotaRow) -> dict[str, object]:
    names = (
        "subject", "measure", "period", "amount", "rolling_days", "hours", "week_start",
        "group_kind", "group_key", "grants", "counts_no_show",
    )  # fmt: skip
    return {"quota": row.id, **{name: getattr(row, name) for name in names}}
