"""The forms of a pool's questions and of an agreement."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length

from booking.core.text import many_lines, one_line
from booking.policies.rules.questions import MOST_LABEL, MOST_QUESTIONS, Question
from booking.policies.services.questions import MOST_TEXT, MOST_TITLE
from booking.web.fields import options

BLANK = 2  # empty rows offered below those there are
MOST_KEY = 40


def _line(typed: str | None) -> str:
    return one_line(typed or "")


def _text(typed: str | None) -> str:
    return many_lines(typed or "")


class QuestionRow(Form):
    """One question; without its Chinese text it is left out."""

    key = HiddenField(validators=[Length(max=MOST_KEY)])
    label_zh = StringField(_l("Question in Chinese"), [Length(max=MOST_LABEL)], filters=[_line])
    label_en = StringField(_l("Question in English"), [Length(max=MOST_LABEL)], filters=[_line])
    kind = SelectField(
        _l("Answer"),
        choices=options({
            "text": _l("text"), "number": _l("number"), "choice": _l("one of a list"),
            "file": _l("file"),
        }),
    )  # fmt: skip
    choices = StringField(
        _l("The list"), [Length(max=4000)], filters=[_line],
        description=_l("Separated by commas; only for one of a list."),
    )  # fmt: skip
    required = BooleanField(_l("Must be answered"))


class QuestionsForm(FlaskForm):
    """All questions of a pool, in order."""

    rows = FieldList(FormField(QuestionRow), max_entries=MOST_QUESTIONS + BLANK)

    @classmethod
    def of(cls, questions: Iterable[Question]) -> "QuestionsForm":
        """Return the form with these questions and empty rows; a POST brings its own."""
        rows: list[dict[str, Any]] = [
            {
                "key": one.key, "label_zh": one.label_zh, "label_en": one.label_en,
                "kind": one.kind, "choices": ", ".join(one.choices), "required": one.required,
            }
            for one in questions
        ]  # fmt: skip
        return cls(rows=[*rows, *({} for _ in range(BLANK))])

    def questions(self) -> list[Question]:
        """Return what was typed; a new question gets a key nobody has. Call it after `validate`."""
        rows = [entry.form for entry in self.rows if entry.form.label_zh.data]
        used = {row.key.data for row in rows if row.key.data}
        free = (f"q{number}" for number in range(1, 1000) if f"q{number}" not in used)
        return [
            Question(
                row.key.data or next(free), row.kind.data, row.label_zh.data or "",
                row.label_en.data or "",
                bool(row.required.data), _choices(row) if row.kind.data == "choice" else (),
            )
            for row in rows
        ]  # fmt: skip


class AgreementForm(FlaskForm):
    """An agreement's title and text."""

    title = StringField(_l("Title"), [Length(max=MOST_TITLE)], filters=[_line])
    text = TextAreaField(
        _l("Text"), [Length(max=MOST_TEXT)], filters=[_text],
        description=_l("Empty: nothing is to be accepted any more."),
    )  # fmt: skip


def _choices(row: Any) -> tuple[str, ...]:
    parts = (row.choices.data or "").replace("，", ",").replace("、", ",").split(",")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
