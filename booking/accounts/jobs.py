"""Ticks: links to who forgot the password, wrong passwords on record; what is over is forgotten.

That is files, windows of limits, and codes.
"""

import logging

from booking.accounts.models import ResetRequest, WrongPassword
from booking.accounts.services.devices import forget_old_devices
from booking.accounts.services.resets import send_resets
from booking.accounts.services.sms_codes import forget_codes
from booking.accounts.services.wrong_passwords import BATCH, record_wrong_passwords
from booking.infra import clock
from booking.infra.db import db, write
from booking.infra.rate import forget_ended
from booking.infra.scheduler import Job
from booking.infra.storage.files import forget, going
from booking.infra.storage.stores import StoreDown
from booking.web.uploads import store

AT_ONCE = 100
RESETS_EVERY_SECONDS = 5
# Jobs know no routes; a test holds it against the page's.
SET_PASSWORD_PATH = "/account/set-password/{token}"  # noqa: S105 - a path


def reset_passwords() -> None:
    """Send a link to everybody whose password was told forgotten since the last run."""
    now = clock.now()
    waiting = db.session.query(ResetRequest.id).first() is not None
    db.session.rollback()
    if waiting:
        write(lambda s: send_resets(s, lambda t: SET_PASSWORD_PATH.format(token=t), now))


def tell_wrong_passwords() -> None:
    """Put the wrong passwords of an hour on record."""
    now = clock.now()
    waiting = db.session.query(WrongPassword.email).first() is not None
    db.session.rollback()
    while waiting:
        waiting = write(lambda session: record_wrong_passwords(session, now)) == BATCH


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
    """Delete the windows of limits, codes by SMS and devices that are over."""
    now = clock.now()
    forget_ended()
    write(lambda session: forget_codes(session, now))
    write(lambda session: forget_old_devices(session, now))


JOBS = [
    Job("reset-passwords", RESETS_EVERY_SECONDS, reset_passwords),
    Job("wrong-passwords", 300, tell_wrong_passwords),
    Job("forget-files", 600, forget_files),
    Job("forget-tries", 3600, forget_tries),
]
