"""A process that delivers until nothing is left; on demand it dies by kill -9 in the middle."""

import os
import signal
import time
from typing import Any

from sqlalchemy import func, select

from bench.drills.ready import ready_app
from booking.infra.db import db
from booking.infra.outbox import Outbox
from booking.infra.transports import SmtpTransport
from booking.reminders.jobs import deliver

PAUSE_SECONDS = 0.1


def work(url: str, instance: str, port: int, lease_seconds: int, die_after: int) -> None:
    """Deliver until no row will be tried again; die after so many messages, 0: never."""
    app = ready_app(
        {"DATABASE_URL": url, "SMTP_HOST": "127.0.0.1", "SMTP_PORT": port, "SMTP_TLS": "none"}
    )
    app.instance_path = instance
    deliver.lease_seconds = lambda: lease_seconds
    if die_after:
        _die_between_sending_and_marking(die_after)
    with app.app_context():
        while _open_rows():
            deliver.deliver_due()
            time.sleep(PAUSE_SECONDS)


def _open_rows() -> int:
    open_rows = select(func.count()).where(Outbox.next_try_at.is_not(None))
    count = db.session.execute(open_rows).scalar_one()
    db.session.rollback()
    return count


def _die_between_sending_and_marking(after: int) -> None:
    send = SmtpTransport.send
    sent = 0

    def send_and_die(self: SmtpTransport, message: Any, number: int) -> None:
        nonlocal sent
        send(self, message, number)
        sent += 1
        if sent == after:
            os.kill(os.getpid(), signal.SIGKILL)

    SmtpTransport.send = send_and_die  # type: ignore[method-assign]
