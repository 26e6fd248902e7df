"""Which messages a change causes: outbox rows in the transaction of the fact they report."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from booking.core.period import Period, to_epoch
from booking.infra.outbox import Message, enqueue, void
from booking.infra.settings import times
from booking.reservations.models import Reservation
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.steps import approver_ids
from booking.reservations.rules.life import reminder_times

REMINDER = "reminder"
# Messages that lose their sense when the reservation moves or ends.
TIMELY = (REMINDER,)
UNDECIDED = ("request_received", "change_requested", "request_waiting", "request_escalated")


GROUP = "group_"  # before the kind of a message that speaks of several at once


@dataclass(frozen=True, slots=True)
class About:
    """The reservation a message is about, as it is after the change."""

    reservation_id: int
    version: int
    user_id: int | None
    period: Period

    @classmethod
    def of(cls, row: Reservation) -> "About":
        """Return what tells of a reservation as it is now."""
        return cls(row.id, row.version, row.user_id, Period(row.start_at, row.end_at))

    @property
    def ref(self) -> str:
        """Return the subject reference of its outbox rows."""
        return f"reservation:{self.reservation_id}"


# (kind, recipient) → what would have been told
Folds = dict[tuple[str, int], list[tuple[About, dict[str, Any]]]]


@contextmanager
def folded(session: Session) -> Iterator[Folds]:
    """Gather what would be told inside, so that a group sends one message and not a storm.

    Reminders are planned as ever. The caller passes what was gathered to `tell_folded`.
    """
    found: Folds = {}
    session.info["folds"] = found
    try:
        yield found
    finally:
        del session.info["folds"]


def tell_folded(session: Session, ref: str, version: int, folds: Folds, now: datetime) -> None:
    """Tell each person once of each kind of news; a single one is told as ever.

    `ref` is the group's subject reference; the message is of the kind `group_…`.
    """
    for (kind, recipient), told in folds.items():
        about, parameters = told[0]
        if len(told) == 1:
            enqueue(session, _messages(about, kind, [recipient], now, parameters), now)
            continue
        ids = [each.reservation_id for each, _parameters in told]
        message = Message(
            dedupe_key=f"{ref}:{kind}:v{version}:{recipient}",
            kind=f"{GROUP}{kind}",
            recipient_id=recipient,
            subject_ref=ref,
            due_at=now,
            parameters=_json(about, {**parameters, "reservations": ids}),
        )
        enqueue(session, [message], now)


def tell_person(
    session: Session, about: About, kind: str, now: datetime, **parameters: Any
) -> None:
    """Tell the person of the reservation once about this version of it."""
    if about.user_id is not None:
        tell_all(session, about, kind, [about.user_id], now, **parameters)


def tell_approvers(
    session: Session, about: About, kind: str, pool: PoolFacts, now: datetime, **parameters: Any
) -> None:
    """Tell the managers and deputies of the pool's lab (staff too where they may approve).

    Who is away is not told; whoever decides meanwhile is. One query more than to tell a person.
    """
    tell_all(session, about, kind, approver_ids(session, pool, now), now, **parameters)


def tell_all(
    session: Session,
    about: About,
    kind: str,
    recipients: Iterable[int],
    now: datetime,
    **parameters: Any,
) -> None:
    """Tell these people once about this version of the reservation."""
    folds: Folds | None = session.info.get("folds")
    if folds is None:
        enqueue(session, _messages(about, kind, recipients, now, parameters), now)
        return
    for recipient in recipients:
        folds.setdefault((kind, recipient), []).append((about, parameters))


def tell_booked(
    session: Session, about: About, kind: str, now: datetime, **parameters: Any
) -> None:
    """Tell the person of a new reservation that is approved, and plan its reminders.

    One statement: nothing has been said of it before, so there is nothing to void.
    """
    if about.user_id is None:
        return
    if "folds" in session.info:
        tell_person(session, about, kind, now, **parameters)
        enqueue(session, _reminders(about, about.user_id, now), now)
        return
    told = _messages(about, kind, [about.user_id], now, parameters)
    enqueue(session, [*_reminders(about, about.user_id, now), *told], now)


def plan_reminders(session: Session, about: About, now: datetime) -> None:
    """Replace the reminders of a reservation by those of its present start."""
    void(session, about.ref, TIMELY)
    if about.user_id is not None:
        enqueue(session, _reminders(about, about.user_id, now), now)


def drop_reminders(session: Session, about: About) -> None:
    """Void what is no longer true once a reservation has ended: reminders, pending questions."""
    void(session, about.ref, (*TIMELY, *UNDECIDED))


def drop_questions(session: Session, about: About) -> None:
    """Void unsent questions to approvers: somebody has decided."""
    void(session, about.ref, UNDECIDED)


def _reminders(about: About, user_id: int, now: datetime) -> list[Message]:
    start = about.period.start
    planned = reminder_times(start, now, times().reminder_hours)
    return [
        Message(
            dedupe_key=f"{about.ref}:{REMINDER}:{hours}:{to_epoch(start)}:v{about.version}",
            kind=REMINDER,
            recipient_id=user_id,
            subject_ref=about.ref,
            due_at=due,
            useful_until=start,
            parameters=_json(about, {"hours": hours}),
        )
        for hours, due in planned.items()
    ]


def _messages(
    about: About, kind: str, recipients: Iterable[int], now: datetime, parameters: dict[str, Any]
) -> list[Message]:
    body = _json(about, parameters)
    return [
        Message(
            dedupe_key=f"{about.ref}:{kind}:v{about.version}:{recipient}",
            kind=kind,
            recipient_id=recipient,
            subject_ref=about.ref,
            due_at=now,
            parameters=body,
        )
        for recipient in recipients
    ]


def _json(about: About, parameters: dict[str, Any]) -> str:
    period = about.period
    told = {
        "version": about.version,
        "start": to_epoch(period.start),
        "end": to_epoch(period.end),
        **{k: to_epoch(v) if isinstance(v, datetime) else v for k, v in parameters.items()},
    }
    return json.dumps(told, ensure_ascii=False)
