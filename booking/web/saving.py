"""Pages that write: run the use case; a refusal goes where the person can mend it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.core.actor import Actor
from booking.core.errors import Invalid, TooMany, WrongState
from booking.infra import clock
from booking.infra.db import write
from booking.infra.rate import Limit, hit_all
from booking.web.access import sees_park_pages
from booking.web.login import actor
from booking.web.messages import text_of

T = TypeVar("T")
# A use case with all it needs but the transaction, who acts and when.
Work = Callable[[Session, Actor, datetime], T]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before something that ends: title, text, the button, and where to go.

    `steps` (label, address) lead to what has to be done first where it is refused.
    """

    title: str
    text: str
    button: str
    back: str
    done: str
    after: str
    section: str
    steps: tuple[tuple[str, str], ...] = ()
    danger: bool = True  # something ends


def run(work: Work[T]) -> T:
    """Return what `work` returns, in one transaction, as the signed-in person, now."""
    who, now = actor(), clock.now()
    return write(lambda session: work(session, who, now))


def saved(form: FlaskForm, work: Work[T]) -> T | None:
    """Return what `work` returns, or None when it is refused: the form then shows why."""
    try:
        return run(work)
    except Invalid as refusal:
        errors_of(form, refusal.field).append(text_of(refusal))
    except WrongState as refusal:
        form.form_errors.append(text_of(refusal))
    return None


def told(work: Work[object], done: str, back: str) -> Response:
    """Run `work`, say that it is `done`, or why not, and lead back; for forms of one button."""
    try:
        run(work)
    except (Invalid, WrongState) as refusal:
        flash(text_of(refusal), "error")
    else:
        flash(done, "success")
    return redirect(back)


def within(form: FlaskForm, limits: Sequence[Limit]) -> bool:
    """Return whether this is within the limits, which count it; the form says why not (429)."""
    try:
        hit_all(limits)
    except TooMany as refusal:
        form.form_errors.append(text_of(refusal))
        return False
    return True


def form_page(
    template: str, form: FlaskForm, status: int | None = None, **values: Any
) -> tuple[str, int]:
    """Return the page of a form; unless given, its status is 422 when it has errors."""
    page = render_template(template, form=form, **values)
    return page, status or (422 if form.errors else 200)


def retiring_question(
    section: str, name: str, back: str, after: str, steps: tuple[tuple[str, str], ...] = ()
) -> Question:
    """Return the question before something of that name is retired."""
    return Question(
        title=_("Retire %(name)s?", name=name),
        text=_("It is no longer offered anywhere. What happened with it stays on record."),
        button=_("Retire"),
        back=back,
        done=_("%(name)s was retired.", name=name),
        after=after,
        section=section,
        steps=steps,
    )


def confirmed(
    question: Question, work: Work[object], form: FlaskForm | None = None
) -> Response | tuple[str, int]:
    """Ask on GET; on POST run `work` and lead on, or say what is in the way (409).

    `form` is what else is asked; `work` reads it, and runs only when it is fit.
    """
    refusal = None
    if request.method == "POST" and (form is None or form.validate()):
        try:
            run(work)
        except WrongState as error:
            refusal = error
        except Invalid as error:
            if form is None:
                raise
            errors_of(form, error.field).append(text_of(error))
        else:
            flash(question.done, "success")
            return redirect(question.after)
    page = render_template(
        "park/confirm.html",
        question=question,
        form=form,
        plain=not sees_park_pages(actor()),
        refused=text_of(refusal) if refusal else None,
        reservations=refusal.parameters.get("reservations", ()) if refusal else (),
    )
    return page, 409 if refusal else 422 if form and form.errors else 200


def errors_of(form: FlaskForm, name: str | None) -> list[str]:
    """Return the list of errors of a field, the form's own when it has none of that name."""
    if name is None or name not in form:
        errors: list[str] = form.form_errors
        return errors
    field = form[name]
    field.errors = list(field.errors)
    return field.errors
