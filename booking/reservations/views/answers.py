"""Between the booking form and what a pool asks: agreements ticked, answers and files typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for

from booking.accounts.rules.permissions import may
from booking.core.errors import Invalid, NotFound
from booking.infra.db import db
from booking.infra.storage.kinds import EVERY
from booking.policies.rules.questions import Question, ToAccept
from booking.reservations.models import AnswerFile
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.formalities import Answered, asked_of, to_accept
from booking.reservations.queries.person import NOBODY
from booking.reservations.queries.reservations import visible_reservation
from booking.reservations.services.answering import MOST_BYTES, accept, give_file, room_for_file
from booking.reservations.views.base import blueprint
from booking.web import login
from booking.web.access import signed_in
from booking.web.arguments import id_of
from booking.web.locale import named
from booking.web.saving import run
from booking.web.uploads import download, keep, received

PREFIX = "answer-"
ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the form shows it, with what was typed."""

    name: str
    kind: str
    label: str
    required: bool
    choices: tuple[str, ...]
    value: str
    filename: str  # of a file that was given before


def shown_questions(pool: PoolFacts, prefix: str = PREFIX) -> list[Asked]:
    """Return the pool's questions with what was typed for each; `prefix` begins their names."""
    asked = asked_of(db.session(), pool)
    return [_shown(one, prefix) for one in asked.questions] if asked is not None else []


def shown_agreements(pool: PoolFacts, person_id: int) -> list[ToAccept]:
    """Return what the person has still to accept; nothing is asked of nobody."""
    if person_id == NOBODY:
        return []
    return to_accept(db.session(), pool, person_id)


def typed_answers(pool: PoolFacts, prefix: str = PREFIX) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the answers typed, by key, and the fields that send them again.

    A file is kept at once, so that it is not lost when the booking is refused. Raises Invalid.
    """
    asked = asked_of(db.session(), pool)
    answers: dict[str, Any] = {}
    fields: dict[str, str] = {}
    for one in asked.questions if asked is not None else ():
        name = prefix + one.key
        given = _given_file(name) if one.kind == "file" else None
        text = str(given) if given is not None else request.form.get(name, "").strip()
        if text:
            answers[one.key], fields[name] = _value(one, text), text
    return answers, fields


def accept_ticked(pool: PoolFacts, person_id: int) -> None:
    """Accept the agreements ticked in the form, for oneself."""
    ticked = {id_of(number) for number in request.form.getlist(ACCEPT)}
    if person_id != login.actor().user_id:
        return
    for one in shown_agreements(pool, person_id):
        if one.agreement_id in ticked:
            run(lambda s, who, now, n=one.agreement_id: accept(s, who, n, now))  # type: ignore[misc]


def files_of(reservation_id: int, answers: Sequence[Answered]) -> list[tuple[str, str]]:
    """Return the files given as answers, as (name, address)."""
    return [
        (one.filename, url_for("reservations.file", reservation_id=reservation_id,
                               file_id=one.answer))
        for one in answers if one.filename
    ]  # fmt: skip


@blueprint.get("/reservations/<int:reservation_id>/files/<int:file_id>")
@signed_in
def file(reservation_id: int, file_id: int) -> Response:
    """Answer a file given with a reservation, always as a download."""
    session, actor = db.session(), login.actor()
    found = visible_reservation(session, actor, reservation_id)
    row = session.get(AnswerFile, file_id)
    read = may(actor, "reservation.read_note", found.subject)
    if row is None or row.reservation_id != reservation_id or not read:
        raise NotFound("file")
    return download(row.file_id)


def _shown(one: Question, prefix: str) -> Asked:
    name, filename = prefix + one.key, ""
    value = request.form.get(name, "")
    if one.kind == "file":
        number = id_of(value)
        row = db.session().get(AnswerFile, number) if number else None
        mine = row is not None and row.user_id == login.actor().user_id
        filename, value = (row.filename, value) if row is not None and mine else ("", "")
    return Asked(
        name, one.kind, named(one.label_zh, one.label_en), one.required, one.choices, value,
        filename,
    )  # fmt: skip


def _given_file(name: str) -> int | None:
    given = request.files.get(name + "-file")
    if given is None or not given.filename:
        return None
    try:
        who = login.actor()
        room_for_file(db.session(), who)
        file = received(given, EVERY, MOST_BYTES)
        kept = keep(file, who.user_id)
        return run(lambda s, who, now: give_file(s, who, kept, file.name, now))
    except Invalid as refusal:
        refusal.field = name
        raise


def _value(one: Question, text: str) -> Any:
    """Return a typed answer as its kind wants it; what does not fit is left for the rules."""
    try:
        if one.kind == "file":
            return int(text[:19])
        if one.kind == "number":
            number = float(text[:40])
            return int(number) if number.is_integer() else number
    except (ValueError, OverflowError):
        return text
    return text
