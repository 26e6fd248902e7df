"""Keeping what was answered at booking; files given before it; accepting an agreement."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.audit.services import record
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, Stale
from booking.infra.storage.files import drop, use
from booking.policies.models import Acceptance, Agreement
from booking.policies.rules.questions import Asking
from booking.reservations.models import AnswerFile, ReservationAnswer

MOST_BYTES = 5 * 1024 * 1024
MOST_OPEN = 20  # files of one person that belong to no reservation yet
KEPT = timedelta(days=2)  # a day that opens fairly may collect requests for a whole day
_ACCEPT = {
    engine.dialect.name: engine.insert(Acceptance.__table__)
    .on_conflict_do_nothing()
    .returning(Acceptance.user_id)
    for engine in (postgresql, sqlite)
}


def keep_answers(
    session: Session, reservation_id: int, asked: Asking, answers: Mapping[str, Any]
) -> None:
    """Write the answers of a new reservation, fit by `answer_violations`."""
    given = {q.key: answers[q.key] for q in asked.questions if answers.get(q.key) not in (None, "")}
    values = {
        "reservation_id": reservation_id, "questionnaire_id": asked.questionnaire_id,
        "answers": json.dumps(given, ensure_ascii=False),
    }  # fmt: skip
    session.execute(insert(ReservationAnswer).values(values))
    files = [given[q.key] for q in asked.questions if q.kind == "file" and q.key in given]
    if files:
        mine = AnswerFile.id.in_(files), AnswerFile.reservation_id.is_(None)
        session.execute(update(AnswerFile).where(*mine).values(reservation_id=reservation_id))


def give_file(session: Session, actor: Actor, file_id: int, filename: str, now: datetime) -> int:
    """Return the id of an answer: a kept file for a booking to come, for two days.

    Raises Invalid as `room_for_file` does, which is asked before the file is kept too.
    """
    room_for_file(session, actor)
    row = AnswerFile(user_id=actor.user_id, filename=filename, file_id=file_id, created_at=now)
    session.add(row)
    session.flush()
    use(session, file_id)
    return row.id


def room_for_file(session: Session, actor: Actor) -> None:
    """Raise Invalid `too_many_files` when the person has given twenty that wait for a booking."""
    waiting = select(AnswerFile.id).where(
        AnswerFile.user_id == actor.user_id, AnswerFile.reservation_id.is_(None)
    )
    if len(session.scalars(waiting.limit(MOST_OPEN)).all()) >= MOST_OPEN:
        raise Invalid("too_many_files", field="file", limit=MOST_OPEN)


def forget_files(session: Session, now: datetime) -> int:
    """Return how many files that no booking took within two days were forgotten."""
    old = delete(AnswerFile).where(
        AnswerFile.created_at < now - KEPT, AnswerFile.reservation_id.is_(None)
    )
    gone = list(session.scalars(old.returning(AnswerFile.file_id)))
    drop(session, gone, now)
    return len(gone)


def accept(
    session: Session, actor: Actor, agreement_id: int, now: datetime, version: int | None = None
) -> None:
    """Accept an agreement as it stands. Raises NotFound for one that was replaced, Stale."""
    row = session.get(Agreement, agreement_id)
    if row is None or row.retired_at is not None:
        raise NotFound("agreement")
    if version is not None and version != row.version:
        raise Stale(version, row.version)
    values = {"agreement_id": agreement_id, "user_id": actor.user_id, "accepted_at": now}
    if session.execute(_ACCEPT[session.get_bind().dialect.name], values).scalar() is not None:
        record(
            session, actor, "agreement.accept", ("agreement", agreement_id), now,
            after={"version": row.version},
        )  # fmt: skip
