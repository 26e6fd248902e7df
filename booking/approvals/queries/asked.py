"""Who a signed link speaks for, and the request it is about."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from booking.core.actor import Actor
from booking.core.errors import NotFound
from booking.infra.signed import DECIDE, read
from booking.reservations.queries.draws import actor_of
from booking.reservations.queries.named import Named, visible_named
from booking.reservations.queries.steps import decides, waiting_step
from booking.reservations.rules.life import shown_status


@dataclass(frozen=True, slots=True)
class Question:
    """A request or change that waits for `actor`, in the version the link was made for."""

    actor: Actor
    found: Named
    version: int


def question_of(session: Session, token: str, reader_id: int | None, now: datetime) -> Question:
    """Return what a link asks, of whom. Five queries.

    Raises NotFound, the same for a link that is altered, foreign, over, used or of somebody who no
    longer decides, and when somebody else (`reader_id`) is signed in.
    """
    values = read(DECIDE, token, now)
    if values is None or len(values) != 3:
        raise NotFound("page")
    reservation_id, version, user_id = values
    if reader_id not in (None, user_id):
        raise NotFound("page")
    actor = actor_of(session, user_id, now)
    if actor is None:
        raise NotFound("page")
    found = visible_named(session, actor, reservation_id)
    step = waiting_step(session, reservation_id)
    row = found.row
    waits = found.change is not None and found.change.expires_at > now
    pending = shown_status(row.status, found.period, row.decide_by, now) == "pending"
    if row.version != version or not decides(actor, found.subject, step):
        raise NotFound("page")
    if not (pending or (waits and row.status == "approved" and row.end_at > now)):
        raise NotFound("page")
    return Question(actor, found, version)
