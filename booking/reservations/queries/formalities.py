"""What is asked before one may book, whatever the time: agreements, notices, questions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.core.errors import Violation
from booking.notices.models import NoticeRead
from booking.policies.models import Acceptance, Questionnaire
from booking.policies.queries.book import book_of
from booking.policies.rules.notices import MustRead
from booking.policies.rules.questions import (
    Asking,
    Question,
    ToAccept,
    answer_violations,
    parse_questions,
)
from booking.policies.rules.values import MANAGERS
from booking.reservations.models import AnswerFile, ReservationAnswer
from booking.reservations.queries.facts import PoolFacts


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and its answer; of a file its id and name."""

    question: Question
    answer: Any
    filename: str = ""


def asked_of(session: Session, pool: PoolFacts) -> Asking | None:
    """Return the questions the pool asks now."""
    return book_of(session, pool.edition).asks(pool.pool_id)


def to_accept(session: Session, pool: PoolFacts, person_id: int) -> list[ToAccept]:
    """Return the agreements the person has not accepted. A query only where there are any."""
    needed = book_of(session, pool.edition).agreements(pool.place)
    if not needed:
        return []
    query = select(Acceptance.agreement_id).where(
        Acceptance.user_id == person_id,
        Acceptance.agreement_id.in_([one.agreement_id for one in needed]),
    )
    accepted = set(session.scalars(query))
    return [one for one in needed if one.agreement_id not in accepted]


def to_read(session: Session, pool: PoolFacts, person_id: int, now: datetime) -> list[MustRead]:
    """Return the notices the person has not read as they stand. A query only where there are any.

    Those of the pool come first, then its lab's, then the park's.
    """
    needed = book_of(session, pool.edition).must_reads(pool.place, now)
    if not needed:
        return []
    query = select(NoticeRead.notice_id, NoticeRead.version).where(
        NoticeRead.user_id == person_id,
        NoticeRead.notice_id.in_([one.notice_id for one in needed]),
    )
    read = {(row.notice_id, row.version) for row in session.execute(query)}
    return [one for one in needed if (one.notice_id, one.version) not in read]


def formal_violations(
    session: Session,
    pool: PoolFacts,
    people: tuple[int, int],
    answers: Mapping[str, Any],
    now: datetime,
) -> tuple[Violation, ...]:
    """Return every agreement not accepted, notice not read and question without a fit answer.

    `people`: whom it is for, and who asks.
    """
    person_id, actor_id = people
    found = [
        Violation(
            "agreement_needed", one.title, None, one.scope[0], MANAGERS, field="agreement",
            more={"agreement_id": one.agreement_id},
        )
        for one in to_accept(session, pool, person_id)
    ]  # fmt: skip
    found += [_unread(one) for one in to_read(session, pool, person_id, now)]
    asked = asked_of(session, pool)
    questions = asked.questions if asked is not None else ()
    unfit = list(answer_violations(questions, answers))
    if not unfit:
        files = {answers[q.key]: q for q in questions if q.kind == "file" and answers.get(q.key)}
        unfit = _foreign_files(session, files, actor_id)
    return (*found, *unfit)


def _unread(one: MustRead) -> Violation:
    return Violation(
        "notice_unread", {"zh": one.title_zh, "en": one.title_en}, None, one.scope[0], MANAGERS,
        field="notices", more={"notice_id": one.notice_id, "version": one.version},
    )  # fmt: skip


def answers_of(session: Session, reservation_ids: Sequence[int]) -> dict[int, list[Answered]]:
    """Return the answers of these reservations, in the order they were asked. Two queries."""
    if not reservation_ids:
        return {}
    rows = session.execute(
        select(ReservationAnswer.reservation_id, ReservationAnswer.answers, Questionnaire.questions)
        .join(Questionnaire, Questionnaire.id == ReservationAnswer.questionnaire_id)
        .where(ReservationAnswer.reservation_id.in_(reservation_ids))
        .order_by(ReservationAnswer.reservation_id)
    ).all()
    if not rows:
        return {}
    files = select(AnswerFile.id, AnswerFile.filename).where(
        AnswerFile.reservation_id.in_([row.reservation_id for row in rows])
    )
    names = {row.id: row.filename for row in session.execute(files)}
    return {
        row.reservation_id: _answered(row.questions, json.loads(row.answers), names) for row in rows
    }


def _answered(questions: str, answers: dict[str, Any], names: dict[int, str]) -> list[Answered]:
    given = [(one, answers[one.key]) for one in parse_questions(questions) if one.key in answers]
    return [
        Answered(one, answer, names.get(answer, "") if one.kind == "file" else "")
        for one, answer in given
    ]


def _foreign_files(
    session: Session, files: Mapping[int, Question], user_id: int
) -> list[Violation]:
    if not files:
        return []
    query = select(AnswerFile.id).where(
        AnswerFile.id.in_(files), AnswerFile.user_id == user_id, AnswerFile.reservation_id.is_(None)
    )
    known = set(session.scalars(query))
    return [
        Violation(
            "answer_unfit", None, None, "pool", (), field=f"answers.{one.key}",
            more={"question": {"zh": one.label_zh, "en": one.label_en}},
        )
        for number, one in files.items() if number not in known
    ]  # fmt: skip
