"""Expiring undecided requests, bringing them to mind before; each claims its rows."""

from flask import current_app

from booking.approvals.services.deciding import BATCH, expire_changes, expire_requests
from booking.approvals.services.escalating import escalate
from booking.infra import clock
from booking.infra.db import write
from booking.infra.scheduler import Job


def expire() -> None:
    """Expire what nobody decided in time, batch by batch."""
    now = clock.now()
    while write(lambda session: expire_requests(session, now)) == BATCH:
        pass
    while write(lambda session: expire_changes(session, now)) == BATCH:
        pass


def escalate_waiting() -> None:
    """Remind deciders, and hand up what they leave lying, batch by batch."""
    now, config = clock.now(), current_app.config
    remind, hand_up = config["REMIND_DECIDERS_PERCENT"], config["HAND_UP_PERCENT"]
    while write(lambda session: escalate(session, now, remind, hand_up)) == BATCH:
        pass


JOBS = [Job("expire", 30, expire), Job("escalate", 60, escalate_waiting)]
