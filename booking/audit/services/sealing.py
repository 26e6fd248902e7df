"""Sealing: committed audit rows become links of a chain, by one process at a time.

Not in the transaction that writes them: a chain would make every booking wait for the one before.
"""

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from booking.audit.models import AuditSeal
from booking.audit.queries.seals import AT_ONCE, head_of, unsealed_rows
from booking.audit.rules import seal_hash
from booking.infra.db import is_postgresql

# Ends with the transaction. Of two sealers one goes home; the keys of the table would stop it too.
_LOCK = text("SELECT pg_try_advisory_xact_lock(2, 0)")


def seal(session: Session, since: int, limit: int = AT_ONCE) -> int:
    """Return how many committed rows above id `since` were sealed, at most `limit`, by id.

    0 also when another process is at it. Three statements, four on PostgreSQL.
    """
    if is_postgresql(session) and not session.scalar(_LOCK):
        return 0
    head = head_of(session)
    number, before = head.seal_no, head.hash
    sealed = []
    for row in unsealed_rows(session, since, limit):
        number += 1
        own = seal_hash(number, before, row)
        sealed.append({"seal_no": number, "audit_id": row[0], "prev_hash": before, "hash": own})
        before = own
    if sealed:
        session.execute(insert(AuditSeal), sealed)
    return len(sealed)
