"""Ticks of privacy: requests to be erased that are due, and what is kept no longer."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from flask import current_app
from sqlalchemy.orm import Session

from booking.core.errors import Refusal
from booking.infra import clock
from booking.infra.db import db, write
from booking.infra.scheduler import Job
from booking.infra.transports import forget_stored
from booking.privacy.queries import due_requests
from booking.privacy.services.erasing import erase
from booking.privacy.services.forgetting import (
    AT_ONCE,
    forget_letters,
    forget_proofs,
    forget_rates,
    forget_reasons,
    forget_sessions,
)

ROUNDS = 100
PROOFS_DAYS = 30  # links and tokens that work no longer say nothing any more


def erase_due() -> None:
    """Erase whose time has come; who holds reservations again waits for the next tick."""
    now = clock.now()
    for user_id in due_requests(db.session(), now):
        try:
            write(partial(erase, actor=None, user_id=user_id, now=now))
        except Refusal as refusal:
            logging.getLogger(__name__).info("not erased yet: person %s, %s", user_id, refusal.code)


def forget() -> None:
    """Remove what the KEEP_* settings say is kept no longer; 0 keeps it."""
    now, config = clock.now(), current_app.config
    write(lambda session: forget_rates(session, now))
    _rounds(lambda session: forget_proofs(session, now, PROOFS_DAYS))
    if days := config["KEEP_SESSIONS_DAYS"]:
        _rounds(lambda session: forget_sessions(session, now, days))
    if reasons := config["KEEP_REASONS_DAYS"]:
        _rounds(lambda session: forget_reasons(session, now, reasons))
    if letters := config["KEEP_MESSAGES_DAYS"]:
        _rounds(lambda session: forget_letters(session, now, letters))
        forget_stored(current_app.instance_path, now - timedelta(days=letters))


def _rounds(work: Callable[[Session], int]) -> None:
    for _ in range(ROUNDS):
        if write(work) < AT_ONCE:
            break


JOBS = [Job("erase", 3600, erase_due), Job("forget", 6 * 3600, forget)]
