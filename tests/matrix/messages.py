"""The operator's log of messages."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.infra.outbox import DEAD, Outbox
from tests.cast import Cast
from tests.matrix import action, page

ONE = {"message_id": "message"}


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Let a message fail for good."""
    row = session.scalars(select(Outbox).order_by(Outbox.id)).first()
    assert row is not None
    row.state, row.next_try_at = DEAD, None
    session.commit()
    return {"message": row.id}


ACCESS = {
    "GET messages.log": [page("ops")],
    "GET messages.one": [page("ops", params=ONE)],
    "GET messages.file": [page("", params=ONE)],  # nothing was written to a file
    "POST messages.send_again": [action("ops", params=ONE)],
}
