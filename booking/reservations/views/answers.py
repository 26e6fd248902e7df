"""Between the booking form and what a pool asks: what is ticked, answers and files typed."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from flask import Response, request, url_for
from sqlalchemy.orm import Session

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.errors import Invalid, NotFound, Stale
from booking.infra import clock
from booking.infra.db import db
from booking.infra.storage.kinds import EVERY
from booking.notices.services import read_notice
from booking.policies.rules.questions import Question
from booking.reservations.models import AnswerFile
from booking.reservations.queries.facts import PoolFacts
from booking.reservations.queries.formalities import Answered, asked_of, to_accept, to_read
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
ACCEPT, READ = "accept", "read"


@dataclass(frozen=True, slots=True)
class Tick:
    """One box to tick before booking: an agreement to accept or a notice to read.

    `value` is its id, of a notice with the version; `on`: ticked in what was sent.
    """

    name: str
    value: str
    title: str
    url: str
    on: bool = False


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


def shown_ticks(pool: PoolFacts, person_id: int) -> list[Tick]:
    """Return what the person has still to accept and to read before booking the pool."""
    if person_id == NOBODY:
        return []
    session = db.session()
    accepting = [
        _tick(ACCEPT, str(one.agreement_id), one.title,
              url_for("questions.show", agreement_id=one.agreement_id))
        for one in to_accept(session, pool, person_id)
    ]  # fmt: skip
    reading = [
        _tick(READ, f"{one.notice_id}:{one.version}", named(one.title_zh, one.title_en),
              url_for("notices.show", notice_id=one.notice_id))
        for one in to_read(session, pool, person_id, clock.now())
    ]  # fmt: skip
    return accepting + reading


def _tick(name: str, value: str, title: str, url: str) -> Tick:
    return Tick(name, value, title, url, on=value in request.form.getlist(name))


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


def keep_ticked(pool: PoolFacts, person_id: int) -> None:
    """Accept the agreements and keep as read the notices ticked in the form, for oneself.

    What was replaced while it was being read stays unticked.
    """
    if person_id != login.actor().user_id:
        return
    for one in shown_ticks(pool, person_id):
        if one.on:
            with contextlib.suppress(NotFound, Stale):
                run(partial(_keep, tick=one))


def _keep(session: Session, who: Actor, now: datetime, *, tick: Tick) -> None:
    key, _colon, version = tick.value.partition(":")
    if tick.name == ACCEPT:
        accept(session, who, int(key), now)
    else:
        read_notice(session, who, int(key), now, int(version))


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
