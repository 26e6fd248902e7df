"""Agreements, a pool's own questions and overridden rules, through the service."""

import pytest
from sqlalchemy import select

from booking.core.errors import NotFound, RuleViolated
from booking.infra.db import db, write
from booking.infra.storage.files import NewFile, note
from booking.policies.models import Agreement
from booking.policies.rules.questions import Question
from booking.policies.services.questions import set_agreement, set_questions
from booking.reservations.models import Hold, Reservation, ReservationAnswer
from booking.reservations.queries.formalities import answers_of
from booking.reservations.services.answering import accept, forget_files, give_file
from tests import factories
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.reservations.ruled import set_rule
from tests.reservations.steps import ask, shift

SAMPLE = Question("sample", "text", "样品", "Sample", required=True)
COUNT = Question("count", "number", "数量", "How many")
HAZARD = Question("hazard", "choice", "危险性", "Hazard", choices=("none", "toxic"))
SHEET = Question("sheet", "file", "单据", "Sheet")


@pytest.fixture
def people(any_session) -> Cast:
    return cast(any_session)


def kept(session, key):
    """Return the id of a kept file."""
    return note(session, NewFile(key, "x.txt", "text/plain", 1, ""), None, NOW)


def asks(people, *questions):
    mei = factories.actor(people.mei)
    return write(lambda s: set_questions(s, mei, people.automatic.id, questions, NOW))


def agree(people, scope, text, who=None):
    who = factories.actor(who or people.ops)
    return write(lambda s: set_agreement(s, who, scope, "Rules of use", text, NOW))


def codes(call, *args, **more):
    with pytest.raises(RuleViolated) as refused:
        call(*args, **more)
    return [(v.code, v.field) for v in refused.value.violations]


def test_every_unfit_answer_is_told_and_fit_ones_are_kept(any_session, people):
    asks(people, SAMPLE, COUNT, HAZARD)
    ada, pool = factories.actor(people.ada), people.automatic.id
    answers = {"count": "many", "hazard": "loud", "else": 1}
    assert codes(ask, ada, 10, 11, pool_id=pool, answers=answers) == [
        ("answer_needed", "answers.sample"), ("answer_unfit", "answers.count"),
        ("answer_unfit", "answers.hazard"), ("answer_unasked", "answers.else"),
    ]  # fmt: skip
    booked = ask(ada, 10, 11, pool_id=pool, answers={"sample": "肝", "count": 3, "hazard": ""})

    [first, second] = answers_of(any_session, [booked.reservation_id])[booked.reservation_id]
    assert (first.question, first.answer, second.answer) == (SAMPLE, "肝", 3)


def test_answers_keep_the_version_they_answered(any_session, people):
    asks(people, SAMPLE)
    ada, pool = factories.actor(people.ada), people.automatic.id
    old = ask(ada, 10, 11, pool_id=pool, answers={"sample": "A"})
    assert asks(people, COUNT) == 2
    new = ask(ada, 12, 13, pool_id=pool, answers={"count": 1})
    asks(people)
    plain = ask(ada, 14, 15, pool_id=pool)

    found = answers_of(any_session, [old.reservation_id, new.reservation_id, plain.reservation_id])
    assert [one.question for kept in found.values() for one in kept] == [SAMPLE, COUNT]
    assert len(any_session.scalars(select(ReservationAnswer)).all()) == 2


def test_a_file_belongs_to_who_gave_it_and_is_forgotten_unused(any_session, people):
    asks(people, SHEET)
    ada, cy, pool = factories.actor(people.ada), factories.actor(people.cy), people.automatic.id
    given = write(lambda s: give_file(s, ada, kept(s, "1"), "表.pdf", NOW))
    assert codes(ask, cy, 10, 11, pool_id=pool, answers={"sheet": given}) == [
        ("answer_unfit", "answers.sheet")
    ]
    booked = ask(ada, 10, 11, pool_id=pool, answers={"sheet": given})
    assert codes(ask, ada, 12, 13, pool_id=pool, answers={"sheet": given})  # taken already
    write(lambda s: give_file(s, ada, kept(s, "2"), "b", NOW))
    later = NOW.replace(day=NOW.day + 3)
    assert write(lambda s: forget_files(s, later)) == 1
    [answer] = answers_of(any_session, [booked.reservation_id])[booked.reservation_id]
    assert answer.filename == "表.pdf"


def test_who_has_not_accepted_the_present_version_cannot_book(any_session, people):
    ada, pool = factories.actor(people.ada), people.automatic.id
    agree(people, ("park", ""), "Keep clean.")
    agree(people, ("lab", str(people.west_lab.id)), "Wear gloves.", people.mei)
    assert codes(ask, ada, 10, 11, pool_id=pool) == [("agreement_needed", "agreement")] * 2
    for row in any_session.scalars(select(Agreement)).all():
        write(lambda s, n=row.id: accept(s, ada, n, NOW))
        write(lambda s, n=row.id: accept(s, ada, n, NOW))  # again changes nothing
    assert ask(ada, 10, 11, pool_id=pool)
    assert codes(ask, factories.actor(people.cy), 12, 13, pool_id=pool)

    agree(people, ("park", ""), "Keep very clean.")
    assert codes(ask, ada, 12, 13, pool_id=pool)
    gone = select(Agreement.id).where(Agreement.retired_at.is_not(None))
    replaced = any_session.scalars(gone).first()
    with pytest.raises(NotFound):
        write(lambda s: accept(s, ada, replaced, NOW))
    agree(people, ("park", ""), "")
    assert ask(ada, 12, 13, pool_id=pool)


def test_what_a_manager_overrode_is_kept(any_session, people):
    set_rule(any_session, "max_minutes", 30)
    set_rule(any_session, "note_needed", True)
    mei, pool = factories.actor(people.mei), people.automatic.id
    booked = ask(mei, 10, 11, pool_id=pool, override_reason="long run").reservation_id
    row = db.session.get(Reservation, booked)
    assert (row.override_reason, row.overridden) == ("long run", "too_long note_needed")
    shift(any_session, mei, booked, 12, 13, override_reason="again", note="why")
    any_session.refresh(row)
    assert row.overridden == "too_long"
    assert any_session.scalars(select(Hold)).all() == []
