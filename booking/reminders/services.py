"""What an operator does about messages; sending them is a job."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.audit.services import record
from booking.companies.services.people import PathOf, send_invitation
from booking.core.actor import Actor
from booking.core.errors import NotFound, WrongState
from booking.infra import claims
from booking.infra.outbox import Outbox
from booking.reminders.rules import INVITATION


def send_again(
    session: Session, actor: Actor, outbox_id: int, path_of: PathOf, now: datetime
) -> bool:
    """Have a message that was given up or missed tried again at once; return False for that.

    True: it was an invitation, whose link may be over or used: a new message with a new link goes
    out instead, and earlier links stop working. `path_of` makes a link's path.
    Raises NotFound for one that is not there or not the actor's to see, WrongState("not_failed")
    for one that went out, was voided, or still waits, WrongState("retired") for a link of somebody
    who has left.
    """
    row = session.get(Outbox, outbox_id) if may(actor, "messages.send") else None
    if row is None:
        raise NotFound("message")
    before, renewed = row.state, row.kind == INVITATION
    again = claims.void_failed if renewed else claims.send_again
    if not again(session, outbox_id):
        raise WrongState("not_failed", actual=before)
    subject = ("message", outbox_id)
    record(session, actor, "message.send_again", subject, now, before={"state": before})
    if renewed:
        send_invitation(session, actor, row.recipient_id, path_of, now)
    return renewed
