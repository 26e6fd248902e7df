"""Forms of courses, their sessions and quizzes."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from booking.core.period import Period
from booking.inventory.models import Pool, Unit
from booking.policies.forms.people import LEVELS
from booking.reservations.forms.parts import LocalTimeField, PeriodForm, line, text
from booking.training.models import Course
from booking.training.queries.courses import CoursePlace
from booking.training.rules.courses import (
    MOST_DAYS,
    MOST_SEATS,
    MOST_TEXT,
    QUIZ,
    SESSION,
    SIGNOFF,
    CourseWanted,
)
from booking.training.rules.quizzes import MOST_CHARACTERS, QuizWanted
from booking.training.services.sessions import SessionWanted
from booking.web.fields import CheckboxesField, options, row_id
from booking.web.locale import named

EXAMPLE = _l(
    "Questions apart by an empty line. First the question, then a line a choice: [x] before a "
    "right one, [ ] before a wrong one. A last line with > explains the answer."
)


class CourseForm(FlaskForm):
    """What a course is, what it gives and what it asks for."""

    name_zh = StringField(_l("Name in Chinese"), [InputRequired(), Length(max=200)], filters=[line])
    name_en = StringField(_l("Name in English"), [Length(max=200)], filters=[line])
    text = TextAreaField(
        _l("What it is"), [Length(max=MOST_TEXT)], filters=[text],
        description=_l("What people learn, prepare and bring."),
    )  # fmt: skip
    level = SelectField(_l("Gives the level"), choices=options(LEVELS), default="2")
    valid_days = IntegerField(
        _l("Valid for, in days"), [InputRequired(), NumberRange(0, MOST_DAYS)], default=365,
        description=_l("0: without end."),
    )  # fmt: skip
    steps = CheckboxesField(
        _l("Asks for"),
        choices=options({
            SESSION: _l("a training session"), QUIZ: _l("a passed quiz"),
            SIGNOFF: _l("a signature of the lab"),
        }),
    )  # fmt: skip
    needs_evidence = BooleanField(
        _l("Whoever asks for the signature gives a file as evidence"),
        description=_l("A certificate as PDF or picture."),
    )
    pool_ids = CheckboxesField(
        _l("For these instruments"), coerce=row_id, choices=[], validate_choice=False
    )

    def offer(self, pools: Iterable[CoursePlace]) -> None:
        """Offer the lab's pools."""
        self.pool_ids.choices = options({str(p.pool_id): named(*p.names) for p in pools})

    def show(self, course: Course, pool_ids: Iterable[int]) -> None:
        """Fill in a course as it is."""
        self.steps.data = [
            step for step in (SESSION, QUIZ, SIGNOFF) if getattr(course, f"needs_{step}")
        ]
        self.level.data, self.pool_ids.data = str(course.level), list(pool_ids)

    def wanted(self, category_code: str | None = None) -> CourseWanted:
        """Return what was typed. Call it after `validate`."""
        chosen = () if category_code else tuple(self.pool_ids.data or ())
        return CourseWanted(
            self.name_zh.data or "", self.name_en.data or "", self.text.data or "",
            int(self.level.data or 0), self.valid_days.data or 0,
            frozenset(self.steps.data or ()), bool(self.needs_evidence.data), chosen,
            category_code,
        )  # fmt: skip


class NewCourseForm(CourseForm):
    """A new course; operators may make one for a class instead of pools."""

    category_code = SelectField(
        _l("Or for a whole class of instruments"), choices=[], validate_choice=False,
        description=_l("Of all labs. Then no instrument is ticked above."),
    )  # fmt: skip


class SeatsForm(FlaskForm):
    """How many seats a session has."""

    seats = IntegerField(_l("Seats"), [InputRequired(), NumberRange(1, MOST_SEATS)])


class SessionForm(PeriodForm):
    """When and where a session is, how many seats it has, and what it uses."""

    start = LocalTimeField(_l("Start"), [InputRequired()])
    end = LocalTimeField(_l("End"), [InputRequired()])
    seats = IntegerField(_l("Seats"), [InputRequired(), NumberRange(1, MOST_SEATS)], default=4)
    place = StringField(_l("Place"), [Length(max=200)], filters=[line])
    trainer = StringField(_l("Held by"), [Length(max=200)], filters=[line])
    note = TextAreaField(_l("Note"), [Length(max=2000)], filters=[text])
    unit_ids = CheckboxesField(
        _l("Keeps these units free of bookings"), coerce=row_id, choices=[],
        validate_choice=False,
        description=_l("They are closed for this time, as for maintenance."),
    )  # fmt: skip

    def offer(self, units: Iterable[tuple[Unit, Pool]]) -> None:
        """Offer the units that can be held."""
        self.unit_ids.choices = options({
            str(unit.id): f"{named(pool.name_zh, pool.name_en)} · "
            f"{unit.name or unit.asset_no or unit.serial or f'#{unit.id}'}"
            for unit, pool in units
        })  # fmt: skip

    def period(self, zone: ZoneInfo) -> Period | None:
        """Return the time typed; None, with the error on its field, when it is none."""
        times = self.times(zone)
        return Period(*times) if times is not None and times[0] < times[1] else None

    def wanted(self, period: Period) -> SessionWanted:
        """Return what was typed. Call it after `validate`."""
        return SessionWanted(
            period.start, period.end, self.seats.data or 0, self.place.data or "",
            self.trainer.data or "", self.note.data or "", tuple(self.unit_ids.data or ()),
        )  # fmt: skip


class QuizForm(FlaskForm):
    """A course's bank of questions and what passes."""

    questions = TextAreaField(
        _l("Questions"), [InputRequired(), Length(max=MOST_CHARACTERS)], filters=[text],
        description=EXAMPLE, render_kw={"rows": 20, "class": "form-control mono"},
    )  # fmt: skip
    asked = IntegerField(
        _l("Asked in one attempt"), [InputRequired(), NumberRange(1, 300)], default=5,
        description=_l("Drawn at random for each attempt."),
    )  # fmt: skip
    pass_percent = IntegerField(
        _l("Right answers needed, in percent"), [InputRequired(), NumberRange(1, 100)], default=80
    )
    attempts = IntegerField(
        _l("Attempts allowed"), [InputRequired(), NumberRange(1, 99)], default=3,
        description=_l("The lab can allow a person another one."),
    )  # fmt: skip

    def wanted(self) -> QuizWanted:
        """Return what was typed. Call it after `validate`."""
        return QuizWanted(
            self.questions.data or "", self.asked.data or 0, self.pass_percent.data or 0,
            self.attempts.data or 0,
        )  # fmt: skip
