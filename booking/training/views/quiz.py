"""The quiz of a course: an attempt, its questions, and what came of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from booking.core.errors import WrongState
from booking.infra.db import db
from booking.training.models import Attempt, Course
from booking.training.queries.records import own_attempt
from booking.training.rules.quizzes import Question, parse_bank
from booking.training.services.quizzes import answer_attempt, start_attempt
from booking.training.views.base import blueprint
from booking.web.access import signed_in
from booking.web.locale import named
from booking.web.login import actor
from booking.web.messages import text_of
from booking.web.saving import run

PREFIX = "answer-"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page shows it; `right` and `why` only once it is over."""

    name: str
    text: str
    kind: str
    choices: tuple[tuple[int, str, bool], ...]  # position, text, ticked
    right: bool | None
    why: str


@blueprint.post("/courses/<int:course_id>/quiz")
@signed_in
def start(course_id: int) -> Response:
    """Begin an attempt, or go on with the one begun."""
    try:
        key = run(lambda s, who, now: start_attempt(s, who, course_id, SystemRandom(), now))
    except WrongState as refusal:
        flash(text_of(refusal), "warning")
        return redirect(url_for("training.course", course_id=course_id))
    return redirect(url_for("training.attempt", attempt_id=key))


@blueprint.route("/quiz-attempts/<int:attempt_id>", methods=["GET", "POST"])
@signed_in
def attempt(attempt_id: int) -> Response | str:
    """Show the questions of an attempt, take the answers, and say what came of them."""
    if request.method == "POST":
        row, _record, _quiz = own_attempt(db.session(), actor(), attempt_id)
        answers = _typed(len(json.loads(row.drawn)))
        try:
            run(lambda s, who, now: answer_attempt(s, who, attempt_id, answers, now))
        except WrongState as refusal:
            flash(text_of(refusal), "warning")
        return redirect(url_for("training.attempt", attempt_id=attempt_id))
    row, record, quiz = own_attempt(db.session(), actor(), attempt_id)
    course = db.session().get_one(Course, record.course_id)
    return render_template(
        "training/attempt.html", attempt=row, quiz=quiz, course_name=named(
            course.name_zh, course.name_en
        ),
        back=url_for("training.course", course_id=record.course_id),
        questions=_asked(row, parse_bank(quiz.questions)),
        over=row.finished_at is not None or record.state != "open",
    )  # fmt: skip


def _typed(count: int) -> Mapping[int, frozenset[int]]:
    """Return the ticks sent, by the question's place."""
    found = {}
    for place in range(count):
        sent = request.form.getlist(f"{PREFIX}{place}")[:20]
        ticks = {int(one) for one in sent if one.isascii() and one.isdigit() and len(one) < 3}
        found[place] = frozenset(ticks)
    return found


def _asked(row: Attempt, bank: Sequence[Question]) -> list[Asked]:
    drawn = json.loads(row.drawn)
    over = row.finished_at is not None
    ticked = json.loads(row.answers) if row.answers else [[] for _one in drawn]
    # What was right is told with a pass only: the bank is asked again of who failed.
    tells = bool(row.passed)
    found = []
    for place, position in enumerate(drawn):
        one, ticks = bank[position], set(ticked[place])
        found.append(
            Asked(
                f"{PREFIX}{place}", one.text, one.kind,
                tuple((n, text, n in ticks) for n, text in enumerate(one.choices)),
                (ticks == one.right) if over else None, one.why if tells else "",
            )
        )  # fmt: skip
    return found
