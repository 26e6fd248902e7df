"""What an operator does about messages; sending them is a job."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.accounts.rules import may
from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import NotFound, WrongState
from booking.infra import claims
from booking.infra.outbox import Outbox


def send_again(session: Session, actor: Actor, outbox_id: int, now: datetime) -> None:
    """Have a message that was given up or missed tried again at once.

    Raises NotFound for one that is not there or not the actor's to see, WrongState("not_failed")
    for one that went out, was voided, or still waits.
    """
    row = session.get(Outbox, outbox_id) if may(actor, "messages.read") else None
    if row is None:
        raise NotFound("message")
    before = row.state
    if not claims.send_again(session, outbox_id):
        raise WrongState("not_failed", actual=before)
    record(
        session, actor, "message.send_again", ("message", outbox_id), now, before={"state": before}
    )
