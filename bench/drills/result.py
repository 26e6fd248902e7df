"""What a drill found, and where it is fought: a migrated database on either engine."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bench.drills.ground import FIRST
from bench.drills.ready import ready_app
from booking.infra.db import db
from booking.reservations.queries.sweep import broken
from tests import databases, engines


@dataclass
class Result:
    """Figures by name, and what was broken: an empty list is a pass."""

    drill: str
    engine: str
    figures: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def require(self, holds: object, problem: str) -> None:
        """Note a problem unless it holds."""
        if not holds:
            self.problems.append(problem)

    def line(self) -> str:
        """Return one line for the report."""
        figures = ", ".join(f"{name} {value}" for name, value in self.figures.items())
        verdict = "; ".join(self.problems) if self.problems else "ok"
        return f"{self.drill:<4} {self.engine:<11} {figures} — {verdict}"


def sweep(settings: dict[str, Any], result: Result) -> None:
    """Add every broken invariant of the database to the problems."""
    app = ready_app(settings)
    with app.app_context():
        for name, ids in broken(db.session(), FIRST).items():
            result.problems.append(f"{name}: {ids}")
    databases.close(app)


@cache
def _templates() -> tempfile.TemporaryDirectory[str]:
    """Return a folder that lasts as long as the process: migrating takes seconds."""
    return tempfile.TemporaryDirectory(prefix="booking-drill-")


@contextlib.contextmanager
def battlefield(engine: str) -> Iterator[dict[str, Any]]:
    """Yield settings of a fresh migrated database; PostgreSQL is a private, durable server."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="booking-drill-") as folder:
            template = databases.sqlite_template(Path(_templates().name))
            yield {"DATABASE_URL": databases.sqlite_copy(template, Path(folder))}
        return
    server = engines.start(durable=True)
    try:
        url = engines.create_database(server.url, "drill")
        databases.migrate(url)
        yield {"DATABASE_URL": url}
    finally:
        engines.stop(server)
