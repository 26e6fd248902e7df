"""APScheduler as a ticker: it only wakes jobs; every job claims its rows in the database."""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.infra.db import Base, Instant, transaction


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
    first = datetime.now(UTC)
    for job in jobs:
        # At once, then at intervals: after a restart what is due has waited long enough.
        scheduler.add_job(
            job.run, "interval", seconds=job.seconds, id=job.name, next_run_time=first
        )
    scheduler.start()
    return scheduler


def beat(moment: datetime) -> None:
    """Note that a scheduler process ticked."""
    with transaction() as session:
        session.merge(Heartbeat(name="scheduler", at=moment))


def run_forever(jobs: list[Job]) -> None:
    """Run the jobs until the process is told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    running = start(jobs)
    stop.wait()
    running.shutdown(wait=False)
