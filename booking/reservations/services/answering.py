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
from booking.core.text import one_line
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


def give_file(session: Session, actor: Actor, filename: str, content: bytes, now: datetime) -> int:
    """Return the id of a file kept for a booking to come, for two days. Raises Invalid."""
    if not content:
        raise Invalid("file_missing", field="file")
    if len(content) > MOST_BYTES:
        raise Invalid("too_many_bytes", field="file", limit=MOST_BYTES // 1024**2)
    waiting = select(AnswerFile.id).where(
        AnswerFile.user_id == actor.user_id, AnswerFile.reservation_id.is_(None)
    )
    if len(session.scalars(waiting.limit(MOST_OPEN)).all()) >= MOST_OPEN:
        raise Invalid("too_many_files", field="file", limit=MOST_OPEN)
    row = AnswerFile(
        user_id=actor.user_id, filename=one_line(filename)[-200:] or "file", content=content,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def forget_files(session: Session, now: datetime) -> int:
    """Return how many files that no booking took within two days were forgotten."""
    old = delete(AnswerFile).where(
        AnswerFile.created_at < now - KEPT, AnswerFile.reservation_id.is_(None)
    )
    return len(session.execute(old.returning(AnswerFile.id)).all())


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
