"""Pages of training: one's own passport and courses, those of the labs. Forms are sent empty."""

from datetime import timedelta

from sqlalchemy.orm import Session

from booking.policies.models import Equivalence, Qualification
from booking.training.models import (
    Appeal,
    Attempt,
    Course,
    CoursePool,
    Evidence,
    Quiz,
    Record,
    Seat,
    Signup,
    Training,
)
from booking.web.uploads import Received
from booking.web.uploads import keep as store
from tests.cast import Cast
from tests.conftest import NOW
from tests.factories import keep
from tests.matrix import action, page, table

WEST = "mei ops"
HOLDS = "mei sta tra ops"  # who trains: staff, and trainers for all a course is for
LATER = NOW + timedelta(days=3000)


def prepare(session: Session, people: Cast) -> dict[str, int]:
    """Add a course of West's lab with a session, a quiz and Ada in all of it."""
    lab, ada = people.west_lab.id, people.ada.id
    course = keep(
        session,
        Course(lab_id=lab, name_zh="课", level=2, needs_session=1, needs_quiz=1, needs_signoff=1,
               created_at=NOW),
    )  # fmt: skip
    keep(session, CoursePool(course_id=course.id, pool_id=people.confocal.id))
    hidden = keep(
        session, Course(lab_id=lab, name_zh="内部课", level=2, needs_quiz=1, created_at=NOW)
    )
    keep(session, CoursePool(course_id=hidden.id, pool_id=people.unshared.id))
    training = keep(
        session,
        Training(course_id=course.id, start_at=LATER, end_at=LATER + timedelta(hours=1), seats=1,
                 created_at=NOW),
    )  # fmt: skip
    keep(session, Seat(session_id=training.id, number=1))
    signup = Signup(session_id=training.id, user_id=ada, seat_no=1, state="seated", created_at=NOW)
    quiz = Quiz(course_id=course.id, version=1, questions="Q\n[x] a\n[ ] b", asked=1,
                pass_percent=50, attempts=3, set_at=NOW)  # fmt: skip
    record = keep(session, Record(course_id=course.id, user_id=ada, opened_at=NOW))
    attempt = Attempt(record_id=record.id, quiz_id=keep(session, quiz).id, number=1, drawn="[0]",
                      started_at=NOW)  # fmt: skip
    file = store(Received("x.pdf", "application/pdf", b"%PDF-"), ada)
    evidence = Evidence(record_id=record.id, file_id=file, created_at=NOW)
    held = {"user_id": ada, "pool_id": people.sequencer.id, "level": 1, "granted_at": NOW}
    skill = keep(session, Qualification(**held))
    barred = keep(session, Qualification(**held, suspended_at=NOW, suspension_reason="x"))
    appeal = Appeal(qualification_id=barred.id, text="x", created_at=NOW)
    accepted = Equivalence(lab_id=lab, pool_id=people.east_pool.id, most_level=2, set_at=NOW)
    return {
        "course": course.id, "hidden_course": hidden.id, "training": training.id,
        "signup": keep(session, signup).id, "record": record.id,
        "attempt": keep(session, attempt).id, "evidence": keep(session, evidence).id,
        "held": skill.id, "barred": barred.id, "appeal": keep(session, appeal).id,
        "accepted": keep(session, accepted).id,
    }  # fmt: skip


ACCESS = {
    "GET training.passport": [page()],
    "GET training.ways": [
        page(params={"pool_id": "shared_pool"}),
        page("mei sta rep sub ops", params={"pool_id": "unshared_pool"}),
    ],
    "GET training.course": [
        page(params={"course_id": "course"}),
        page("mei sta rep sub ops", params={"course_id": "hidden_course"}),
    ],
    "POST training.ask": [action(params={"course_id": "course"})],
    "POST training.start": [action(params={"course_id": "course"})],
    "POST training.sign_up": [action(params={"session_id": "training"})],
    "POST training.give_up": [action(f"ada {HOLDS}", params={"signup_id": "signup"})],
    "GET training.attempt": [page("ada", params={"attempt_id": "attempt"})],
    "POST training.attempt": [action("ada", params={"attempt_id": "attempt"})],
    "GET training.calendar_file": [page(params={"session_id": "training"})],
    "GET training.evidence": [page(f"ada {HOLDS}", params={"evidence_id": "evidence"})],
    "GET training.appeal": [page("ada", params={"qualification_id": "barred"})],
    "POST training.appeal": [page("ada", status=422, params={"qualification_id": "barred"})],
    **table(
        WEST,
        """
        # endpoint                 ids                      GET  POST
        training.equivalences      lab_id=west              200  422
        training.new_course        lab_id=west              200  422
        training.edit              course_id=course         200  422
        training.retire            course_id=course         200  302
        training.quiz              course_id=course         200  422
        training.suspend           qualification_id=held    200  422
        training.reinstate         qualification_id=barred  -    302
        training.answer            appeal_id=appeal         200  422
        training.end_equivalence   equivalence_id=accepted  -    302
        """,
    ),
    **table(
        HOLDS,
        """
        training.people_of_course  course_id=course         200  -
        training.new_session       course_id=course         200  422
        training.roster            session_id=training      200  302
        training.seats             session_id=training      200  422
        training.cancel            session_id=training      200  302
        training.record            record_id=record         200  422
        training.attempt_more      record_id=record         -    302
        """,
    ),
    **table(
        "mei sta ops",
        """
        training.lab               lab_id=west              200  -
        training.people            lab_id=west              200  -
        """,
    ),
}
