"""APScheduler as a ticker: it only wakes jobs; every job claims its rows in the database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, Instant


class Heartbeat(Base):
    """When a scheduler process last ticked; `/readyz` and a banner complain past 2 minutes."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Job:
    """A named tick every so many seconds; safe to run twice or to be killed anywhere."""

    name: str
    seconds: int
    run: Callable[[], object]


def start(jobs: list[Job]) -> BackgroundScheduler:
    """Return a running scheduler that wakes every job; nothing is kept in its store."""
    scheduler = BackgroundScheduler(
        # The default misfire grace of 1 s drops ticks on a busy machine.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    for job in jobs:
        scheduler.add_job(job.run, "interval", seconds=job.seconds, id=job.name)
    scheduler.start()
    return scheduler
