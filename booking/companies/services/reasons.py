"""A lab's list of reasons: written as a whole by its managers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import Subject, require
from booking.audit.services import record
from booking.companies.models import Lab, LabReason
from booking.companies.queries.reasons import MOST_OFFERED, reasons_of
from booking.companies.services.register import live
from booking.core.actor import Actor
from booking.core.errors import Invalid, Stale
from booking.core.text import LINE, is_keepable, one_line


def set_reasons(
    session: Session,
    actor: Actor,
    lab_id: int,
    texts: Sequence[str],
    now: datetime,
    seen: Sequence[str] | None = None,
) -> list[str]:
    """Return the lab's reasons as they are now: those of `texts`, each once, blank ones dropped.

    `seen`: the list the writer had before them. Raises NotFound, WrongState for a retired lab,
    Invalid (field reasons), Stale when somebody else wrote meanwhile.
    """
    require(actor, "pool.edit", Subject(lab_id=lab_id))
    live(session, Lab, lab_id)  # two who write at once come one after the other
    if not all(map(is_keepable, texts)):
        raise Invalid("unkeepable_text", field="reasons")
    wanted = [text for text in dict.fromkeys(map(one_line, texts)) if text]
    if len(wanted) > MOST_OFFERED:
        raise Invalid("too_many_reasons", field="reasons", limit=MOST_OFFERED, actual=len(wanted))
    if any(len(text) > LINE for text in wanted):
        raise Invalid("too_long_text", field="reasons", limit=LINE)
    before = reasons_of(session, [lab_id])
    if seen is not None and list(seen) != before:
        raise Stale(len(seen), len(before))
    if wanted == before:
        return before
    session.execute(delete(LabReason).where(LabReason.lab_id == lab_id))
    session.add_all(
        LabReason(lab_id=lab_id, position=place, text=text) for place, text in enumerate(wanted)
    )
    session.flush()
    record(
        session, actor, "lab.set_reasons", ("lab", lab_id), now,
        before={"reasons": before}, after={"reasons": wanted},
    )  # fmt: skip
    return wanted
