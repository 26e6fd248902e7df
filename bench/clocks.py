"""Time of processes and of the database: CPU as the kernel counts it, wall, medians."""

import os
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

PROC = Path("/proc")
NANO = 1e9
TICK = os.sysconf("SC_CLK_TCK")
Clock = Callable[[], float]


@dataclass(frozen=True)
class Cost:
    """What one piece of work took: CPU of everything that took part, and wall time."""

    cpu_ms: float
    wall_ms: float


def process_seconds(pid: int) -> float:
    """Return the CPU seconds of the living threads of a process, to the microsecond."""
    threads = (PROC / str(pid) / "task").iterdir()
    return sum(_first_number(thread / "schedstat") for thread in threads) / NANO


def family_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and of its children, dead ones to the 1/100 s."""
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    reaped = (int(fields[13]) + int(fields[14])) / TICK
    children = (PROC / str(pid) / "task" / str(pid) / "children").read_text().split()
    alive = 0.0
    for child in children:
        try:
            alive += process_seconds(int(child))
        except OSError:  # gone since: counted among the reaped next time
            continue
    return process_seconds(pid) + reaped + alive


def database_clock(engine: Engine) -> Clock:
    """Return the CPU clock of a PostgreSQL server on this machine; SQLite works inside of ours."""
    if engine.dialect.name != "postgresql":
        return lambda: 0.0
    with engine.connect() as connection:
        note = connection.exec_driver_sql("SELECT pg_read_file('postmaster.pid')").scalar_one()
    pid = int(note.split()[0])
    return lambda: family_seconds(pid)


def cost(work: Callable[[int], object], times: int, clocks: Iterable[Clock]) -> Cost:
    """Return what one call of `work(n)` takes: mean of CPU over all calls, median of wall."""
    ticking = list(clocks)
    walls = []
    before = sum(clock() for clock in ticking)
    for n in range(times):
        started = time.perf_counter()
        work(n)
        walls.append(time.perf_counter() - started)
    spent = sum(clock() for clock in ticking) - before
    return Cost(spent / times * 1000, statistics.median(walls) * 1000)


def _first_number(path: Path) -> int:
    try:
        return int(path.read_text().split()[0])
    except OSError:  # the thread has ended
        return 0
