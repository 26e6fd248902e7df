"""What time does to qualifications: it reminds of their end."""

from flask import current_app

from booking.infra import clock
from booking.infra.db import db, write
from booking.infra.scheduler import Job
from booking.training.services.reminding import due_reminders
from booking.training.services.reminding import remind as write_reminders


def reminder_days() -> tuple[int, ...]:
    """Return how many days before its end a qualification is reminded of, as set."""
    parts = str(current_app.config["QUALIFICATION_REMINDER_DAYS"]).split(",")
    return tuple(sorted({int(part) for part in parts if part.strip()}))


def remind() -> None:
    """Remind those whose qualification ends soon; nothing is written where all were."""
    now, days = clock.now(), reminder_days()
    if due_reminders(db.session(), days, now):
        write(lambda session: write_reminders(session, days, now))


JOBS = [Job("qualifications", 3600, remind)]
