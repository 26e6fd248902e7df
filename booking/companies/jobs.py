"""Ticks: reminding whoever has to add a second factor."""

from booking.companies.services.factors import remind_lacking
from booking.infra import clock
from booking.infra.db import write
from booking.infra.scheduler import Job

HOUR = 3600


def remind_of_factors() -> None:
    """Write to whoever lacks a second factor the park asks of them."""
    now = clock.now()
    write(lambda session: remind_lacking(session, now))


JOBS = [Job("remind-of-factors", HOUR, remind_of_factors)]
