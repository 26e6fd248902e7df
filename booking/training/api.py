"""/api/v1: one's own qualifications, the way to more, and seats in training sessions."""

from typing import Any

import marshmallow as ma
from flask import Response

from booking.infra import clock
from booking.infra.db import db, write
from booking.reservations.queries.asking import Booker, rules_for
from booking.reservations.queries.facts import visible_pool
from booking.reservations.queries.person import PersonFacts
from booking.training.models import Signup
from booking.training.models.courses import STATES
from booking.training.queries.courses import courses_for
from booking.training.queries.passport import Holding, passport_of
from booking.training.queries.sessions import SessionLine, session_lines
from booking.training.services.seats import give_up, sign_up
from booking.web.api.answers import answer
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Nothing
from booking.web.login import actor
from booking.web.problem import instant

blueprint = Blueprint("api_training", __name__, "Qualifications and training.")


class QualificationAnswer(ma.Schema):
    """A qualification of one's own; either for a pool or for a class."""

    id = ma.fields.Integer()
    pool_id = ma.fields.Integer(allow_none=True)
    category = ma.fields.String(allow_none=True, metadata={"description": "a class's code"})
    level = ma.fields.Integer(
        metadata={"description": "1 assisted, 2 in staffed hours, 3 at any hour, 4 trainer"}
    )
    valid_until = ma.fields.DateTime(allow_none=True, metadata={"description": "null: for ever"})
    suspended = ma.fields.Boolean()
    reason = ma.fields.String(metadata={"description": "of the suspension; else empty"})


class QualificationsAnswer(ma.Schema):
    """What one holds now."""

    items = ma.fields.List(ma.fields.Nested(QualificationAnswer))


class SessionAnswer(ma.Schema):
    """A training session that is coming."""

    id = ma.fields.Integer()
    course_id = ma.fields.Integer()
    start = ma.fields.DateTime()
    end = ma.fields.DateTime(metadata={"description": "not included"})
    place = ma.fields.String()
    seats = ma.fields.Integer()
    free_seats = ma.fields.Integer()
    waiting = ma.fields.Integer(metadata={"description": "people who wait for a seat"})
    own_state = ma.fields.String(allow_none=True, metadata={"enum": list(STATES)})
    own_sign_up_id = ma.fields.Integer(allow_none=True)


class CourseAnswer(ma.Schema):
    """A course that gives a level for the pool."""

    id = ma.fields.Integer()
    name = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    level = ma.fields.Integer()
    valid_days = ma.fields.Integer(metadata={"description": "0: for ever"})
    asks = ma.fields.List(
        ma.fields.String(metadata={"enum": ["session", "quiz", "signoff", "evidence"]})
    )
    sessions = ma.fields.List(ma.fields.Nested(SessionAnswer))


class WaysAnswer(ma.Schema):
    """Which level a pool needs, one's own, and the courses to more."""

    pool_id = ma.fields.Integer()
    level = ma.fields.Integer(metadata={"description": "needed to book; 0: none"})
    off_hours_level = ma.fields.Integer(metadata={"description": "outside staffed hours"})
    own_level = ma.fields.Integer()
    courses = ma.fields.List(ma.fields.Nested(CourseAnswer))


class SignUpAnswer(ma.Schema):
    """One's place in a session."""

    id = ma.fields.Integer()
    session_id = ma.fields.Integer()
    state = ma.fields.String(metadata={"enum": list(STATES)})
    seat = ma.fields.Integer(allow_none=True, metadata={"description": "null: waits for one"})


@blueprint.operation("/qualifications", scope="read")
@blueprint.response(200, QualificationsAnswer)
def qualifications() -> Response:
    """List your own qualifications that hold or are suspended, soonest end first."""
    found = passport_of(db.session(), actor().user_id, clock.now())
    return answer({"items": [_held(one) for one in (*found.suspended, *found.valid)]})


@blueprint.operation("/pools/<id:pool_id>/training", scope="read", errors=(404,))
@blueprint.response(200, WaysAnswer)
def ways(pool_id: int) -> Response:
    """Show which level a pool needs, yours, and the courses and sessions that lead to it."""
    session, who, now = db.session(), actor(), clock.now()
    pool = visible_pool(session, who, pool_id, now)
    rules = rules_for(session, pool, Booker(who.user_id), now)
    held = PersonFacts(session, who.user_id, now).qualified(pool.place)
    courses = courses_for(session, pool.place)
    coming = session_lines(session, [course.id for course in courses], who.user_id, now)
    return answer({
        "pool_id": pool_id,
        "level": rules.level.value,
        "off_hours_level": rules.off_hours_level.value,
        "own_level": max((one.level for one in held), default=0),
        "courses": [
            {
                "id": course.id,
                "name": {"zh": course.name_zh, "en": course.name_en},
                "level": course.level,
                "valid_days": course.valid_days,
                "asks": [
                    step for step in ("session", "quiz", "signoff", "evidence")
                    if getattr(course, f"needs_{step}")
                ],
                "sessions": [
                    _session(one) for one in coming if one.training.course_id == course.id
                ],
            }
            for course in courses
        ],
    })  # fmt: skip


@blueprint.operation(
    "/training-sessions/<id:session_id>/sign-up",
    method="POST",
    scope="book",
    errors=(400, 404, 409, 413, 415, 422),
)
@blueprint.arguments(Nothing(), required=False)
@blueprint.response(200, SignUpAnswer)
def take_seat(_body: dict[str, Any], session_id: int) -> Response:
    """Take a seat in a session, or wait for one where all are taken; again changes nothing."""
    who, now = actor(), clock.now()
    return answer(write(lambda s: _place(sign_up(s, who, session_id, now))))


@blueprint.operation(
    "/training-sign-ups/<id:signup_id>", method="DELETE", scope="book", errors=(404, 409)
)
@blueprint.response(200, SignUpAnswer)
def leave_seat(signup_id: int) -> Response:
    """Give a place up before the session begins; the seat is the next one's."""
    who, now = actor(), clock.now()
    return answer(write(lambda s: _place(give_up(s, who, signup_id, now))))


def _held(one: Holding) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "pool_id": row.pool_id,
        "category": row.category_code,
        "level": row.level,
        "valid_until": instant(row.valid_until) if row.valid_until else None,
        "suspended": row.suspended_at is not None,
        "reason": row.suspension_reason or "",
    }


def _session(line: SessionLine) -> dict[str, Any]:
    row = line.training
    return {
        "id": row.id,
        "course_id": row.course_id,
        "start": instant(row.start_at),
        "end": instant(row.end_at),
        "place": row.place,
        "seats": row.seats,
        "free_seats": line.free,
        "waiting": line.waiting,
        "own_state": line.own.state if line.own else None,
        "own_sign_up_id": line.own.id if line.own else None,
    }


def _place(row: Signup) -> dict[str, Any]:
    return {"id": row.id, "session_id": row.session_id, "state": row.state, "seat": row.seat_no}
