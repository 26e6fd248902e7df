"""Delivery: claim what is due, send it outside any transaction, mark how it went.

Any number of processes may do this at once and each may be killed anywhere (DESIGN §8): a row is
claimed by one, a lost claim ends by itself, a repeat carries the same Message-ID.
"""

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from booking.infra import claims, clock
from booking.infra.claims import Claimed
from booking.infra.db import db, write
from booking.infra.scheduler import Job
from booking.infra.sms import NotSent, gateway
from booking.infra.transports import MailDown, Transport, open_transport
from booking.reminders.jobs import texting
from booking.reminders.jobs.render import Moot, message_of
from booking.reminders.rules import SECRET

EVERY_SECONDS = 10
# Bounds of one run; what is left is taken up by the next.
MOST_IN_A_RUN = 2000
RUN_SECONDS = 50
# Rows claimed, and sent over one connection, at a time: what a killed process leaves waiting.
BATCH = 10
# The rest of a batch is given back when it has taken this part of its lease: a send that
# outlives the lease would be sent again by another process.
START_WITHIN = 1 / 3

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Tally:
    """How many rows a run sent, failed to send, and found without a point."""

    sent: int = 0
    failed: int = 0
    void: int = 0

    @property
    def handled(self) -> int:
        """Return all of them."""
        return self.sent + self.failed + self.void


def deliver_due(limit: int = MOST_IN_A_RUN) -> Tally:
    """Send what is due, at most `limit` messages or 50 s, and return how it went.

    Needs the app's context and no open transaction of the caller. When no mail can leave at all
    the run ends after the first failure, so an outage costs one try, not one of each message.
    """
    tally = Tally()
    ends = time.monotonic() + RUN_SECONDS
    while tally.handled < limit and time.monotonic() < ends:
        began = time.monotonic()
        batch = _claim(min(BATCH, limit - tally.handled))
        if not batch or not _send_batch(batch, began, tally):
            break
    db.session.rollback()
    return tally


def _claim(count: int) -> list[Claimed]:
    if not claims.any_due(db.session()):
        return []
    return write(lambda session: claims.claim(session, count, lease_seconds()))


def lease_seconds() -> int:
    """Return how long a claim holds: three silences of the mail server at least."""
    return max(claims.LEASE_SECONDS, 3 * int(current_app.config["SMTP_TIMEOUT_SECONDS"]))


def _send_batch(batch: list[Claimed], began: float, tally: Tally) -> bool:
    """Send the rows one by one; return whether it makes sense to go on."""
    start_by = began + lease_seconds() * START_WITHIN
    with open_transport(current_app.config, current_app.instance_path) as transport:
        for position, claimed in enumerate(batch):
            if time.monotonic() > start_by:
                _release(batch[position:])
                return True
            try:
                _deliver(claimed, transport, tally)
            except MailDown as down:
                log.warning("no mail can leave: %s", down)
                _failed(claimed, str(down), tally)
                _release(batch[position + 1 :])
                return False
    return True


def _deliver(claimed: Claimed, transport: Transport, tally: Tally) -> None:
    send = _ready(claimed, transport, tally)
    # Nothing is read or locked while the message travels.
    db.session.rollback()
    if send is None:
        return
    try:
        send()
    except (OSError, ValueError, NotSent) as error:  # smtplib's errors are OSErrors
        _failed(claimed, f"{type(error).__name__}: {error}", tally)
    else:
        secret = claimed.kind in SECRET
        write(lambda session: claims.mark_sent(session, claimed, forget_parameters=secret))
        tally.sent += 1


def _ready(claimed: Claimed, transport: Transport, tally: Tally) -> Callable[[], None] | None:
    """Return what sends the message; None when there is none, which is then marked already."""
    try:
        if claimed.channel == texting.CHANNEL:
            sms = texting.sms_of(db.session(), claimed)
            way = gateway(current_app.config, current_app.instance_path)
            return lambda: way.send(sms, claimed.id)
        message = message_of(db.session(), claimed, clock.now())
        return lambda: transport.send(message, claimed.id)
    except Moot as moot:
        reason = str(moot)
        write(lambda session: claims.mark_void(session, claimed, reason))
        tally.void += 1
    except NotSent as refusal:  # the settings name no gateway
        _failed(claimed, str(refusal), tally)
    except Exception as fault:  # one row that nobody can render must not stop the others
        log.exception("outbox row %s cannot be rendered", claimed.id)
        _failed(claimed, f"{type(fault).__name__}: {fault}", tally)
    return None


def _release(rows: list[Claimed]) -> None:
    if rows:
        write(lambda session: claims.release(session, rows))


def _failed(claimed: Claimed, error: str, tally: Tally) -> None:
    jitter = secrets.randbelow(1000) / 1000
    write(lambda session: claims.mark_failed(session, claimed, error, jitter))
    tally.failed += 1


JOBS = [Job("deliver", EVERY_SECONDS, deliver_due)]
