"""Forms of series and of several instruments at once."""

from datetime import date

from flask_babel import lazy_gettext as _l
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
from wtforms.validators import Length, NumberRange, Optional

from booking.core.errors import Invalid
from booking.reservations.forms.booking import PURPOSES, ReserveForm
from booking.reservations.forms.parts import PeriodForm, choice, line, text
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
        days = [int(day) for day in self.weekdays.data or () if day in {*"1234567"}]
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
