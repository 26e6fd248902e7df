"""Writing, sealing and forging audit rows, as the tests of the audit do."""

import contextlib

from sqlalchemy import text

from booking.audit.jobs import seal_all
from booking.audit.services import record
from booking.core.actor import Actor
from booking.infra.db import db, is_postgresql, write
from tests.conftest import NOW


def written(count=3, reason=None):
    """Write audit rows of different subjects."""

    def work(session):
        for n in range(count):
            record(
                session, Actor(7), "pool.edit", ("pool", n + 1), NOW, before={"name_zh": "甲"},
                after={"name_zh": "乙"}, reason=reason,
            )  # fmt: skip

    write(work)


def sealed(count=3, reason=None):
    """Write audit rows and seal them."""
    written(count, reason)
    seal_all()


@contextlib.contextmanager
def forging(session):
    """Run what the guards would refuse: as somebody does who has the database."""
    session.rollback()
    if is_postgresql(session):
        session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        names = session.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'")
        ).all()
        for name in names:
            session.execute(text(f"DROP TRIGGER {name}"))
    yield lambda statement: session.execute(text(statement))
    session.commit()
    db.session.remove()
