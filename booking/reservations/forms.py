"""Forms of booking, moving, cancelling and closing."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

# The stubs are of 3.2; tuples as choices are deprecated since 3.3.
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import DateTimeLocalInput

from booking.core.errors import Invalid
from booking.core.local import SkippedTime, UnreadableTime, local_text, parse_instant
from booking.core.period import Period
from booking.core.text import many_lines, one_line
from booking.reservations.rules.groups import MOST_TITLE
from booking.reservations.rules.proposal import MAX_NOTE
from booking.reservations.rules.recurrence import (
    LAST,
    MOST_INTERVAL,
    MOST_OCCURRENCES,
    Recurrence,
    nth_of,
)
from booking.web.fields import CheckboxesField
from booking.web.messages import message


def choice(value: str, label: Any) -> Any:
    """Return one option of a SelectField or RadioField."""
    return SelectChoice(value, label)


PURPOSES = [
    choice("research", _l("Research")),
    choice("development", _l("Development")),
    choice("teaching", _l("Teaching")),
    choice("other", _l("Other")),
]
CLOSURES = [
    choice("maintenance", _l("Maintenance")),
    choice("calibration", _l("Calibration")),
    choice("fault", _l("Fault")),
    choice("own_use", _l("Own use")),
]
BY_SYSTEM = [
    choice("calibration_due", _l("Calibration due")),
    choice("dependency", _l("Something it needs is closed")),
]
EVERY = [
    choice("", _l("Once")),
    choice("weekly:1", _l("Every week")),
    choice("monthly:1", _l("Every month")),
    choice("monthly:3", _l("Every quarter")),
    choice("monthly:6", _l("Every half year")),
    choice("monthly:12", _l("Every year")),
]
EFFECTS = [
    choice("close", _l("This unit is closed too")),
    choice("warn", _l("People with reservations are warned")),
]
MOST_TIMES = 60
MOST_CALIBRATION_DAYS = 3660


def line(typed: str | None) -> str:
    """Return what was typed in one clean line."""
    return one_line(typed or "")


def text(typed: str | None) -> str:
    """Return what was typed with plain line ends, without control characters."""
    return many_lines(typed or "")


def typed(form: FlaskForm) -> dict[str, str]:
    """Return what the form holds, by field name, for buttons that send it again."""
    return {f.name: str(f.data or "") for f in form if f.name != "csrf_token"}


def put_error(form: FlaskForm, name: str | None, error: str) -> None:
    """Put an error on the field `name`; on the form itself where it has no such field."""
    if name is None or name not in form:
        form.form_errors.append(error)
    else:
        form[name].errors = [*form[name].errors, error]


class LocalTimeField(StringField):
    """A date and time in a site's zone, kept as typed until `read` in that zone."""

    widget = DateTimeLocalInput()

    def read(self, zone: ZoneInfo) -> datetime | None:
        """Return the instant meant; None, with the error on the field, when it is none."""
        try:
            instant = parse_instant(self.data or "", zone)
        except SkippedTime:
            self.errors = [*self.errors, message("time_skipped", {})]
        except UnreadableTime:
            self.errors = [*self.errors, message("time_unreadable", {})]
        else:
            self.show(instant, zone)  # an offset is read, but the browser cannot show it
            return instant
        return None

    def show(self, moment: datetime, zone: ZoneInfo) -> None:
        """Fill the field with an instant."""
        self.data = local_text(moment, zone)


class PeriodForm(FlaskForm):
    """A form with a start and an end."""

    start = LocalTimeField(_l("Start"))
    end = LocalTimeField(_l("End"))

    def times(self, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """Return start and end; None, with the errors on the fields, when one is unreadable."""
        start, end = self.start.read(zone), self.end.read(zone)
        return (start, end) if start is not None and end is not None else None

    def show(self, period: Period, zone: ZoneInfo) -> None:
        """Fill both fields."""
        self.start.show(period.start, zone)
        self.end.show(period.end, zone)


class ReserveForm(PeriodForm):
    """A booking. Fields that offer no choice are taken out by the view."""

    key = HiddenField()
    hold_id = HiddenField()  # what a script keeps meanwhile
    unit_id = SelectField(_l("Unit"), validate_choice=False)
    flexible = BooleanField(_l("If it is taken, another of the same kind will do"))
    quantity = IntegerField(_l("How many"), default=1)
    for_whom = StringField(_l("Book for someone else"), [Length(max=254)], filters=[line])
    person_id = RadioField(_l("Which person"), [Optional()], choices=[], validate_choice=False)
    party = SelectField(_l("On behalf of"), validate_choice=False)
    purpose = SelectField(_l("Purpose"), choices=PURPOSES, validate_choice=False)
    note = TextAreaField(_l("Note"), [Length(max=MAX_NOTE)], filters=[text])
    override_reason = TextAreaField(
        _l("Reason for the exception"), [Length(max=MAX_NOTE)], filters=[text]
    )


REPEATS = [
    choice("daily", _l("Daily")),
    choice("weekly", _l("Weekly, on the days below")),
    choice("month_day", _l("Monthly, on this day of the month (skips months without it)")),
    choice("month_end", _l("Monthly, on the last day")),
    choice("nth", _l("Monthly, on this weekday of this week (skips months without it)")),
    choice("nth_last", _l("Monthly, on the last such weekday")),
]
WEEKDAYS = [
    choice("1", _l("Mon")), choice("2", _l("Tue")), choice("3", _l("Wed")), choice("4", _l("Thu")),
    choice("5", _l("Fri")), choice("6", _l("Sat")), choice("7", _l("Sun")),
]  # fmt: skip


class SeriesForm(ReserveForm):
    """A booking that repeats; its times are those of the first."""

    title = StringField(_l("Title"), [Length(max=MOST_TITLE)], filters=[line])
    repeats = SelectField(_l("Repeats"), choices=REPEATS, default="weekly", validate_choice=False)
    every = IntegerField(
        _l("Every how many days, weeks or months"), [NumberRange(1, MOST_INTERVAL)], default=1
    )
    weekdays = CheckboxesField(_l("On these days"), choices=WEEKDAYS, validate_choice=False)
    count = IntegerField(
        _l("How many times"), [Optional(), NumberRange(1, MOST_OCCURRENCES)],
        description=_l("Or give a last day: one of both."),
    )  # fmt: skip
    until = DateField(_l("Repeat until"), [Optional()], description=_l("It counts too."))
    exceptions = StringField(
        _l("Leave out"), [Length(max=1000)], filters=[line],
        description=_l("Days such as 2026-12-31, with spaces between."),
    )  # fmt: skip

    def rule(self, first: date) -> Recurrence:
        """Return the rule typed, begun on the local day `first`. Raises Invalid."""
        week, last = nth_of(first)
        weekday, kind = first.isoweekday(), self.repeats.data
        frequency = kind if kind in ("daily", "weekly") else "monthly"
        days = [int(day) for day in self.weekdays.data or () if day in "1234567"]
        return Recurrence(
            frequency, self.every.data or 0,
            weekdays=tuple(sorted(set(days))) or (weekday,) if kind == "weekly" else (),
            month_days=(LAST,) if kind == "month_end" else
            (first.day,) if kind == "month_day" else (),
            nth=((LAST, weekday),) if kind == "nth_last" else
            ((week, weekday),) if kind == "nth" else (),
            count=self.count.data, until=self.until.data, exceptions=self._left_out(),
        )  # fmt: skip

    def _left_out(self) -> frozenset[date]:
        try:
            return frozenset(
                date.fromisoformat(day) for day in (self.exceptions.data or "").split()
            )
        except ValueError:
            raise Invalid("not_a_day", field="exceptions") from None


class RuleForm(SeriesForm):
    """Another rule of a series; of the fields of a booking only the times are asked."""

    version = HiddenField()
    reason = TextAreaField(_l("Reason"), [Length(max=MAX_NOTE)], filters=[text])


TOGETHER = [
    choice("bundle", _l("At the same time")), choice("chain", _l("One after the other")),
]  # fmt: skip


class TogetherForm(PeriodForm):
    """Several instruments in one booking; its parts are lists of fields that the view reads."""

    key = HiddenField()
    mode = RadioField(_l("When"), choices=TOGETHER, default="bundle", validate_choice=False)
    find = StringField(_l("Add an instrument"), [Length(max=100)], filters=[line])
    title = StringField(_l("Title"), [Length(max=MOST_TITLE)], filters=[line])
    party = SelectField(_l("On behalf of"), validate_choice=False)
    purpose = SelectField(_l("Purpose"), choices=PURPOSES, validate_choice=False)
    note = TextAreaField(_l("Note"), [Length(max=MAX_NOTE)], filters=[text])


class GroupMoveForm(PeriodForm):
    """New times of one of a group, how far the change reaches, and what becomes of problems."""

    version = HiddenField()
    scope = RadioField(_l("What changes"), choices=[], validate_choice=False)
    keep = BooleanField(_l("Where the new time cannot be had, keep the old one"))
    note = TextAreaField(_l("Note"), [Length(max=MAX_NOTE)], filters=[text])


class WaitForm(ReserveForm):
    """A wish for a slot within a time; who it is for is always who asks."""

    kind = RadioField(
        _l("What happens when time becomes free"),
        choices=[
            choice("offer", _l("Keep it for me in my turn")),
            choice("notice", _l("Only tell me by mail")),
        ],
        default="offer",
    )
    start = LocalTimeField(_l("Not before"))
    end = LocalTimeField(_l("Not after"))
    minutes = IntegerField(_l("How many minutes"))


class MoveForm(PeriodForm):
    """New times and quantity; `version` is that of the reservation as it was shown."""

    version = HiddenField()
    quantity = IntegerField(_l("How many"))
    note = TextAreaField(_l("Note"), [Length(max=MAX_NOTE)], filters=[text])
    override_reason = TextAreaField(
        _l("Reason for the exception"), [Length(max=MAX_NOTE)], filters=[text]
    )


class ReasonForm(FlaskForm):
    """A reason, and the version of the reservation it is about."""

    version = HiddenField()
    reason = TextAreaField(_l("Reason"), [Length(max=MAX_NOTE)], filters=[text])


class CloseForm(PeriodForm):
    """A time in which a unit is not to be booked."""

    kind = SelectField(_l("Why"), choices=CLOSURES, validate_choice=False)
    unplanned = BooleanField(_l("Unplanned: it could not be known before"))
    every = SelectField(_l("Repeat"), choices=EVERY, default="", validate_choice=False)
    repeats = IntegerField(_l("How many times"), [Optional(), NumberRange(1, MOST_TIMES)])
    note = TextAreaField(_l("Note"), [Length(max=MAX_NOTE)], filters=[text])

    def recurrence(self) -> Recurrence | None:
        """Return when it repeats, None when it does not. Raises Invalid."""
        if not self.every.data:
            return None
        if self.every.data not in {option.value for option in EVERY}:
            raise Invalid("unknown_choice", field="every")
        frequency, _sep, interval = self.every.data.partition(":")
        return Recurrence(frequency, int(interval), count=self.repeats.data or 4)


class CalibrationForm(FlaskForm):
    """When a unit is due for calibration."""

    due_on = DateField(
        _l("Last day of use without calibration"), [Optional()],
        description=_l("After it the unit is closed. Empty: never due."),
    )  # fmt: skip
    every_days = IntegerField(
        _l("Repeat after, in days"), [Optional(), NumberRange(1, MOST_CALIBRATION_DAYS)]
    )
    warn_days = IntegerField(
        _l("Warn before, in days"), [Optional(), NumberRange(0, MOST_CALIBRATION_DAYS)]
    )


class NeedForm(FlaskForm):
    """What a unit needs to run."""

    asset_no = StringField(_l("Asset number"), [Length(max=200)], filters=[line])
    effect = RadioField(_l("While it is closed or down"), choices=EFFECTS, default="close")
