"""Short verbs for tests of messages: put one into the outbox, look at it."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from booking.accounts.models import User
from booking.core.period import to_epoch
from booking.infra.db import write
from booking.infra.mail import StoredMail, read_back
from booking.infra.outbox import Message, Outbox, enqueue
from booking.infra.transports import stored
from booking.reservations.models import Reservation
from tests.conftest import NOW


def put(
    kind: str,
    recipient: User | int,
    about: Reservation | str,
    *,
    due: datetime = NOW,
    useful_until: datetime | None = None,
    key: str | None = None,
    channel: str = "mail",
    **parameters: Any,
) -> None:
    """Enqueue one message as the services do; times among the parameters as instants."""
    told = dict(parameters)
    reference = about
    if isinstance(about, Reservation):
        reference = f"reservation:{about.id}"
        told = {"version": about.version, "start": about.start_at, "end": about.end_at, **told}
    told = {k: to_epoch(v) if isinstance(v, datetime) else v for k, v in told.items()}
    who = recipient if isinstance(recipient, int) else recipient.id
    message = Message(
        dedupe_key=key or f"{reference}:{kind}:{who}:{json.dumps(told)}",
        kind=kind,
        recipient_id=who,
        subject_ref=str(reference),
        due_at=due,
        useful_until=useful_until,
        parameters=json.dumps(told),
        channel=channel,
    )
    write(lambda session: enqueue(session, [message], NOW))


def rows(session: Session) -> list[Outbox]:
    """Return the outbox as it is now, by id."""
    session.rollback()
    session.expire_all()
    return list(session.query(Outbox).order_by(Outbox.id))


def the_row(session: Session) -> Outbox:
    """Return the only message."""
    (row,) = rows(session)
    return row


def written(app: Any, number: int = 1) -> StoredMail:
    """Return a message that was written to a file."""
    content = stored(app.instance_path, number)
    assert content is not None
    return read_back(content)


def header(message: StoredMail, name: str) -> str:
    """Return one header."""
    return dict(message.headers)[name]
