"""Ticks that forget: files nothing uses any more, windows of limits and codes that are over."""

import logging

from booking.accounts.services.sms_codes import forget_codes
from booking.infra import clock
from booking.infra.db import db, write
from booking.infra.rate import forget_ended
from booking.infra.scheduler import Job
from booking.infra.storage.files import forget, going
from booking.infra.storage.stores import StoreDown
from booking.web.uploads import store

AT_ONCE = 100


def forget_files() -> None:
    """Remove the bytes of files whose time is over, then their rows; what fails is tried again."""
    now = clock.now()
    for file_id, key in going(db.session(), now, AT_ONCE):
        db.session.rollback()  # no transaction is open while the store is asked
        try:
            store().remove(key)
        except StoreDown as down:
            logging.getLogger(__name__).warning("upload not removed: %s", down)
            return
        write(lambda session, file_id=file_id: forget(session, file_id, now))  # type: ignore[misc]


def forget_tries() -> None:
    """Delete the windows of limits and the codes by SMS that are over."""
    now = clock.now()
    forget_ended()
    write(lambda session: forget_codes(session, now))


JOBS = [Job("forget-files", 600, forget_files), Job("forget-tries", 3600, forget_tries)]
