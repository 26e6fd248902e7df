"""The way through a course: seats, quizzes, signatures, and the level at its end."""

import io
import json
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from booking.core.errors import Invalid, NotFound, WrongState
from booking.infra.outbox import Outbox
from booking.policies.models import Qualification
from booking.reservations.models import Allocation, Closure
from booking.reservations.services.regrouping import Split, split_pool
from booking.training.models import Attempt, CoursePool, Record, Seat, Signup
from booking.training.services.quizzes import answer_attempt, start_attempt
from booking.training.services.records import (
    allow_attempt,
    refuse,
    request_signature,
    sign_off,
)
from booking.training.services.seats import change_seats, give_up, sign_up
from booking.training.services.sessions import cancel_session, mark
from tests import factories
from tests.cast import Cast, cast
from tests.conftest import NOW
from tests.pages import browser, said
from tests.reservations.ruled import qualify, set_rule
from tests.reservations.steps import ask
from tests.training.given import course, done, kept, planned, stored_file

LATER = NOW + timedelta(hours=27)


@pytest.fixture
def people(session) -> Cast:
    return cast(session)


def levels(session, user) -> list[int]:
    return [row.level for row in kept(session, Qualification, user_id=user.id, revoked_at=None)]


def test_the_last_seat_is_given_once_and_then_to_who_waits(session, people, clock):
    key = planned(people, course(people, "session"), seats=1)
    ada = done(sign_up, people.ada, key)
    cy = done(sign_up, people.cy, key)
    assert [(row.state, row.seat_no) for row in kept(session, Signup)] == [
        ("seated", 1), ("waiting", None),
    ]  # fmt: skip
    assert done(sign_up, people.ada, key).id == ada.id  # once more changes nothing

    done(give_up, people.ada, ada.id)
    assert [(row.state, row.seat_no) for row in kept(session, Signup)] == [
        ("cancelled", None), ("seated", 1),
    ]  # fmt: skip
    [told] = kept(session, Outbox, kind="training_seat")
    assert (told.recipient_id, told.subject_ref) == (people.cy.id, f"signup:{cy.id}")


def test_nobody_signs_up_once_it_begins_nor_gives_up_anothers_seat(session, people, clock):
    key = planned(people, course(people, "session"))
    ada = done(sign_up, people.ada, key)
    with pytest.raises(NotFound):
        done(give_up, people.cy, ada.id)
    with pytest.raises(WrongState, match="session_over"):
        done(sign_up, people.cy, key, now=LATER)
    with pytest.raises(WrongState, match="session_over"):
        done(give_up, people.ada, ada.id, now=LATER)


def test_who_passes_the_session_is_qualified_and_can_book(session, people, clock):
    set_rule(session, "level", 2, pool=people.automatic)
    key = planned(people, course(people, "session"), seats=3)
    ada, bo = done(sign_up, people.ada, key), done(sign_up, people.bo, key)
    with pytest.raises(WrongState, match="session_not_begun"):
        done(mark, people.mei, key, {ada.id: "passed"})
    with pytest.raises(NotFound):
        done(mark, people.dee, key, {ada.id: "passed"}, now=LATER)

    marks = {ada.id: "passed", bo.id: "absent"}
    assert done(mark, people.mei, key, marks, now=LATER) == 1
    assert (levels(session, people.ada), levels(session, people.bo)) == ([2], [])
    [row] = kept(session, Qualification)
    assert row.valid_until == LATER + timedelta(days=365)
    assert ask(factories.actor(people.ada), 34, 35, pool_id=people.automatic.id)
    with pytest.raises(Exception, match="rule_violation"):
        ask(factories.actor(people.bo), 34, 35, pool_id=people.automatic.id)
    # What was passed stays so.
    assert done(mark, people.mei, key, {ada.id: "failed"}, now=LATER) == 0
    assert kept(session, Signup)[0].state == "passed"


def test_a_session_holds_its_units_and_lets_them_go(session, people, clock):
    unit = factories.units_of(session, people.automatic)[0]
    key = course(people, "session")
    session_id = planned(people, key, unit_ids=(unit.id,))
    assert [row.kind for row in kept(session, Closure)] == ["training"]
    with pytest.raises(Exception, match="conflict"):
        ask(factories.actor(people.ada), 9, 10, unit_id=unit.id)
    with pytest.raises(Exception, match="conflict"):
        planned(people, key, unit_ids=(unit.id,))  # nor a second session at that time

    ada = done(sign_up, people.ada, session_id)
    done(cancel_session, people.mei, session_id)
    assert [row.active for row in kept(session, Allocation)] == [0]
    assert kept(session, Signup)[0].state == "cancelled"
    assert kept(session, Outbox, kind="training_cancelled")[0].subject_ref == f"signup:{ada.id}"
    assert ask(factories.actor(people.ada), 9, 10, unit_id=unit.id)


def test_a_session_never_overlaps_a_reservation(session, people, clock):
    unit = factories.units_of(session, people.automatic)[0]
    ask(factories.actor(people.ada), 10, 12, unit_id=unit.id)
    key = course(people, "session")
    with pytest.raises(WrongState, match="has_live_reservations"):
        planned(people, key, unit_ids=(unit.id,))
    assert kept(session, Closure) == []
    other = factories.units_of(session, people.east_pool)[0]
    with pytest.raises(Invalid, match="unknown_choice"):
        planned(people, key, unit_ids=(other.id,))  # another lab's


def answers(session, attempt_id: int, *, right: bool = True) -> dict[int, frozenset[int]]:
    """Return the answers to an attempt's two questions, whatever their order."""
    drawn = json.loads(session.get_one(Attempt, attempt_id).drawn)
    return {n: frozenset({0} if q == 0 or not right else {0, 2}) for n, q in enumerate(drawn)}


def test_a_passed_quiz_qualifies_and_tries_are_counted(session, people, clock):
    key = course(people, "quiz")
    first = done(start_attempt, people.ada, key, Random(1))
    assert done(start_attempt, people.ada, key, Random(2)) == first  # goes on with it
    assert not done(answer_attempt, people.ada, first, answers(session, first, right=False)).passed
    with pytest.raises(WrongState, match="attempt_over"):
        done(answer_attempt, people.ada, first, answers(session, first))
    second = done(start_attempt, people.ada, key, Random(3))
    assert not done(answer_attempt, people.ada, second, {}).passed
    with pytest.raises(WrongState, match="no_attempts"):
        done(start_attempt, people.ada, key, Random(4))

    [record] = kept(session, Record)
    done(allow_attempt, people.mei, record.id)
    third = done(start_attempt, people.ada, key, Random(4))
    with pytest.raises(NotFound):
        done(answer_attempt, people.cy, third, answers(session, third))
    result = done(answer_attempt, people.ada, third, answers(session, third))
    assert (result.percent, result.passed) == (100, True)
    assert levels(session, people.ada) == [2]
    assert [one.percent for one in kept(session, Attempt)] == [50, 0, 100]


def test_the_lab_signs_off_after_the_other_steps(session, people, clock):
    key = course(people, "quiz", "signoff", needs_evidence=True)
    with pytest.raises(Invalid, match="file_missing"):
        done(request_signature, people.ada, key, "please", [])
    record = done(request_signature, people.ada, key, "please", [stored_file(people.ada)])
    assert [row.recipient_id for row in kept(session, Outbox)] == [people.mei.id]
    with pytest.raises(WrongState, match="steps_missing"):
        done(sign_off, people.mei, record, "")
    attempt = done(start_attempt, people.ada, key, Random(1))
    done(answer_attempt, people.ada, attempt, answers(session, attempt))
    assert levels(session, people.ada) == []  # not without the signature
    with pytest.raises(NotFound):
        done(sign_off, people.dee, record, "")
    done(sign_off, people.mei, record, "well done")
    assert levels(session, people.ada) == [2]
    with pytest.raises(WrongState, match="record_decided"):
        done(refuse, people.mei, record, "no")


def test_a_refusal_has_its_reason_and_one_may_begin_anew(session, people, clock):
    key = course(people, "signoff")
    record = done(request_signature, people.ada, key, "", [])
    with pytest.raises(Invalid, match="reason_needed"):
        done(refuse, people.mei, record, " ")
    done(refuse, people.mei, record, "come by first")
    again = done(request_signature, people.ada, key, "I did", [])
    assert again != record
    assert [row.state for row in kept(session, Record)] == ["refused", "open"]


def test_a_trainer_signs_for_others_and_nobody_for_themselves(session, people, clock):
    key = course(people, "signoff", level=4)
    mine = done(request_signature, people.mei, key, "", [])
    with pytest.raises(WrongState, match="own_record"):
        done(sign_off, people.mei, mine, "")
    record = done(request_signature, people.ada, key, "", [])
    with pytest.raises(NotFound):
        done(sign_off, people.bo, record, "")
    qualify(session, people.bo, people.automatic, 4)
    done(sign_off, people.bo, record, "")
    assert levels(session, people.ada) == [4]


def test_a_course_replaces_lower_levels_only(session, people, clock):
    qualify(session, people.ada, people.automatic, 1)
    qualify(session, people.ada, people.automatic, 3)
    record = done(request_signature, people.ada, course(people, "signoff"), "", [])
    done(sign_off, people.mei, record, "")
    assert sorted(levels(session, people.ada)) == [2, 3]


def test_a_course_does_not_qualify_for_what_went_to_another_lab(session, people, clock):
    record = done(request_signature, people.ada, course(people, "signoff"), "", [])
    people.automatic.lab_id = people.east_lab.id
    session.commit()
    done(sign_off, people.mei, record, "")
    assert levels(session, people.ada) == []


def test_a_course_for_foreign_pools_or_a_class_is_not_a_labs_to_make(people, clock):
    with pytest.raises(Invalid, match="unknown_choice"):
        course(people, "quiz", pool_ids=(people.east_pool.id,))
    with pytest.raises(NotFound):
        course(people, "quiz", pool_ids=(), category_code=people.category.code)


def test_the_pages_lead_from_the_refusal_to_the_level(app, session, people, clock):
    set_rule(session, "level", 2, pool=people.automatic)
    key = course(people, "session", "signoff", needs_evidence=True)
    held = planned(people, key)
    ada, mei = browser(app, people.ada), browser(app, people.mei)
    ways = ada.get(f"/pools/{people.automatic.id}/training").text
    assert "Centrifuge course" in ways
    assert "2 · in staffed hours" in ways
    assert f'action="/trainings/{held}/sign-up"' in ways
    assert "You have a seat" in said(
        ada.post(f"/trainings/{held}/sign-up", follow_redirects=True).text
    )
    missing = ada.post(f"/courses/{key}/signature", data={"note": "kept <b>"})
    assert missing.status_code == 422
    assert "kept &lt;b&gt;" in missing.text
    page = {"note": "x", "file": (io.BytesIO(b"<script>"), "certificate.pdf")}
    assert ada.post(f"/courses/{key}/signature", data=page).status_code == 422
    sent = {"note": "x", "file": (io.BytesIO(b"%PDF-1.4 mine"), "../../evil.pdf")}
    assert ada.post(f"/courses/{key}/signature", data=sent).status_code == 302
    assert "Centrifuge course" in ada.get("/passport").text
    [record] = kept(session, Record)
    page = mei.get(f"/manage/training-records/{record.id}").text
    assert "evil.pdf" in page
    file = mei.get("/training-evidence/1")
    assert file.headers["Content-Disposition"].startswith('attachment; filename="evil.pdf"')
    assert browser(app, people.cy).get("/training-evidence/1").status_code == 404


def test_added_seats_go_to_who_waits_and_taken_ones_stay(session, people, clock):
    key = planned(people, course(people, "session"), seats=1)
    ada, cy = done(sign_up, people.ada, key), done(sign_up, people.cy, key)
    with pytest.raises(NotFound):
        done(change_seats, people.ada, key, 2)
    with pytest.raises(Invalid, match="out_of_range"):
        done(change_seats, people.mei, key, 0)

    assert done(change_seats, people.mei, key, 3) == 1
    assert [(row.id, row.seat_no) for row in kept(session, Signup)] == [(ada.id, 1), (cy.id, 2)]
    [told] = kept(session, Outbox, kind="training_seat")
    assert told.recipient_id == people.cy.id

    with pytest.raises(Invalid, match="out_of_range"):
        done(change_seats, people.mei, key, 1)
    done(give_up, people.ada, ada.id)
    assert done(change_seats, people.mei, key, 1) == 0  # Cy keeps number 2
    assert session.scalars(select(Seat.number).where(Seat.session_id == key)).all() == [2]
    assert done(sign_up, people.bo, key).state == "waiting"


def test_a_session_has_one_calendar_entry_for_life(app, session, people, clock):
    key = planned(people, course(people, "session"))
    ada = browser(app, people.ada)
    first = ada.get(f"/trainings/{key}/session.ics")
    assert first.content_type.startswith("text/calendar")
    assert f"UID:training-session-{key}@localhost" in first.text
    assert "STATUS:CONFIRMED" in first.text

    done(cancel_session, people.mei, key)
    again = ada.get(f"/trainings/{key}/session.ics").text
    assert f"UID:training-session-{key}@localhost" in again
    assert "STATUS:CANCELLED" in again
    assert "SEQUENCE:1" in again


def test_a_course_qualifies_for_what_is_split_off_its_pool(session, people, clock):
    key = course(people, "session")
    unit = factories.units_of(session, people.automatic)[0].id
    done(split_pool, people.mei, people.automatic.id, Split((unit,), "离心机二"))

    pools = session.scalars(select(CoursePool.pool_id).where(CoursePool.course_id == key)).all()
    assert len(pools) == 2
    assert people.automatic.id in pools
