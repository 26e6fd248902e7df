"""Wrong passwords on record: counted by address at once, written to the audit by a job.

Telling a known address from others when a password is wrong would tell a stranger which are known.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.accounts.models import User, WrongPassword
from booking.accounts.queries.wrong_passwords import WRONG
from booking.audit.services import from_where, record
from booking.infra.db import is_postgresql

# At most one row of the audit an account and hour, however many tries there were.
WINDOW = timedelta(hours=1)
BATCH = 500
LONGEST_EMAIL = 254
UNKNOWN = "sign_in.unknown_address"


def note_wrong_password(session: Session, email: str, address: str, now: datetime) -> None:
    """Count a wrong password typed for this address: one statement, known or not.

    What is no address is kept of nobody: people type passwords there.
    """
    typed = email.strip().lower()
    engine = postgresql if is_postgresql(session) else sqlite
    insert = engine.insert(WrongPassword).values(
        email=typed[:LONGEST_EMAIL] if "@" in typed else "",
        tries=1, address=address, first_at=now, last_at=now,
    )  # fmt: skip
    statement = insert.on_conflict_do_update(
        index_elements=["email"],
        set_={
            "tries": WrongPassword.tries + 1,
            "address": insert.excluded.address,
            "last_at": insert.excluded.last_at,
        },
    )
    session.execute(statement)


def record_wrong_passwords(session: Session, now: datetime) -> int:
    """Put what was counted for an hour on record; return how many addresses that were.

    One audit row a person; of all addresses nobody here has, one together. Each is taken by one
    process alone.
    """
    over = (
        select(WrongPassword.email)
        .where(WrongPassword.first_at <= now - WINDOW)
        .order_by(WrongPassword.email)
        .limit(BATCH)
    )
    taken = session.execute(
        delete(WrongPassword)
        .where(WrongPassword.email.in_(over))
        .returning(
            WrongPassword.email, WrongPassword.tries, WrongPassword.address, WrongPassword.last_at
        )
    ).all()
    emails = [row.email for row in taken]
    known = {
        row.email: row.id
        for row in session.execute(select(User.email, User.id).where(User.email.in_(emails)))
    }
    unknown = [row for row in taken if row.email not in known]
    for row in sorted(taken, key=lambda row: row.last_at):
        if row.email in known:
            from_where(session, "page", row.address)
            subject = ("user", known[row.email])
            record(session, None, WRONG, subject, row.last_at, after={"tries": row.tries})
    session.info.pop("from_where", None)
    if unknown:
        told = {"tries": sum(row.tries for row in unknown), "addresses": len(unknown)}
        record(session, None, UNKNOWN, ("user", 0), now, after=told)
    return len(taken)
