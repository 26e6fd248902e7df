"""What is asked before one may book a pool: agreements, notices to read, questions, files."""

from typing import Any

import marshmallow as ma
from flask import Response

from booking.infra import clock
from booking.infra.db import db, write
from booking.policies.models import Agreement
from booking.reservations.queries.facts import visible_pool
from booking.reservations.queries.formalities import asked_of, to_accept, to_read
from booking.reservations.services.answering import accept
from booking.web.api.answers import answer
from booking.web.api.blueprint import Blueprint
from booking.web.api.fields import Schema, Whole
from booking.web.login import actor

blueprint = Blueprint("api_formalities", __name__, "Agreements to accept, questions to answer.")


class QuestionAnswer(ma.Schema):
    """One question of a pool."""

    key = ma.fields.String()
    kind = ma.fields.String(metadata={"enum": ["text", "number", "choice", "file"]})
    label_zh = ma.fields.String()
    label_en = ma.fields.String()
    required = ma.fields.Boolean()
    choices = ma.fields.List(ma.fields.String())


class AgreementAnswer(ma.Schema):
    """An agreement not accepted yet."""

    id = ma.fields.Integer()
    title = ma.fields.String()
    version = ma.fields.Integer()
    text = ma.fields.String()


class ToReadAnswer(ma.Schema):
    """A notice not read yet; `POST /notices/{id}/read` says that it was."""

    id = ma.fields.Integer()
    version = ma.fields.Integer()
    title = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())


class FormalitiesAnswer(ma.Schema):
    """What a booking of the pool must bring, as of now."""

    questions = ma.fields.List(ma.fields.Nested(QuestionAnswer))
    agreements = ma.fields.List(ma.fields.Nested(AgreementAnswer))
    notices = ma.fields.List(ma.fields.Nested(ToReadAnswer))


class Accepting(Schema):
    """The version that was read, if it is to be checked."""

    version = Whole(least=1)


class AcceptedAnswer(ma.Schema):
    """The agreement, accepted."""

    id = ma.fields.Integer()
    accepted = ma.fields.Boolean()


@blueprint.operation("/pools/<id:pool_id>/formalities", scope="read", errors=(404,))
@blueprint.response(200, FormalitiesAnswer)
def show(pool_id: int) -> Response:
    """Tell what a booking of the pool answers, and what is accepted and read before."""
    session, who, now = db.session(), actor(), clock.now()
    pool = visible_pool(session, who, pool_id, now)
    asked = asked_of(session, pool)
    needed = to_accept(session, pool, who.user_id)
    rows = [session.get_one(Agreement, one.agreement_id) for one in needed]
    body: dict[str, Any] = {
        "questions": [QuestionAnswer().dump(one) for one in (asked.questions if asked else ())],
        "agreements": [AgreementAnswer().dump(row) for row in rows],
        "notices": [
            {"id": n.notice_id, "version": n.version, "title": {"zh": n.title_zh, "en": n.title_en}}
            for n in to_read(session, pool, who.user_id, now)
        ],
    }
    return answer(body)


@blueprint.operation(
    "/agreements/<id:agreement_id>/accept",
    method="POST",
    scope="book",
    errors=(400, 404, 412, 413, 415),
)  # fmt: skip
@blueprint.arguments(Accepting(), required=False)
@blueprint.response(200, AcceptedAnswer)
def accept_one(body: dict[str, Any], agreement_id: int) -> Response:
    """Accept an agreement, in the version that has this id."""
    write(lambda s: accept(s, actor(), agreement_id, clock.now(), body.get("version")))
    return answer({"id": agreement_id, "accepted": True})
