"""The forms that set a quota and grant a qualification."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from booking.inventory.forms.hours import HoursForm
from booking.policies.services.quotas import MOST_ROLLING, QuotaWanted
from booking.web.fields import options

HOURS, COUNT = "minutes", "count"
MOST_AMOUNT = 1_000_000
LEVELS = {
    "1": _l("1 · assisted: with somebody of the lab beside them"),
    "2": _l("2 · in staffed hours: alone while the lab is there"),
    "3": _l("3 · at any hour: alone, also at night and on holidays"),
    "4": _l("4 · trainer: may also train others and sign off"),
}


class QuotaForm(HoursForm):
    """Who may use how much in which time."""

    subject = RadioField(
        _l("Whose use is counted"),
        choices=options({
            "person": _l("Each person's own"),
            "company": _l("All people of a company together"),
        }),
        default="person",
    )  # fmt: skip
    amount = DecimalField(
        _l("At most"), [InputRequired(), NumberRange(0, MOST_AMOUNT)], places=2,
        description=_l("Hours times units, or reservations."),
    )  # fmt: skip
    measure = SelectField(
        _l("Of what"), choices=options({HOURS: _l("hours"), COUNT: _l("reservations")})
    )
    period = SelectField(
        _l("Within"),
        choices=options({
            "day": _l("a day"), "week": _l("a week"), "month": _l("a month"),
            "rolling": _l("any run of days"), "future": _l("all that has not started"),
        }),
        default="week",
    )  # fmt: skip
    rolling_days = IntegerField(
        _l("How many days in a run"), [Optional(), NumberRange(1, MOST_ROLLING)],
        description=_l("Only for any run of days."),
    )  # fmt: skip
    week_start = SelectField(
        _l("The week begins on"),
        choices=options({
            "1": _l("Monday"), "2": _l("Tuesday"), "3": _l("Wednesday"), "4": _l("Thursday"),
            "5": _l("Friday"), "6": _l("Saturday"), "7": _l("Sunday"),
        }),
    )  # fmt: skip
    group = SelectField(_l("For whom"), validate_choice=False)
    grants = BooleanField(
        _l("Takes the place of everyone's quota of the same kind"),
        description=_l("Only for a group: its people may then use more."),
    )
    counts_no_show = BooleanField(_l("Reservations nobody came to count as well"))
    hours = RadioField(
        _l("Which hours count"),
        choices=options({"always": _l("All"), "own": _l("Only these")}), default="always",
    )  # fmt: skip

    def hours_count(self) -> bool:
        """Return whether only some hours count."""
        return bool(self.hours.data == "own")

    def wanted(self) -> QuotaWanted:
        """Return what was typed. Call it after `validate`."""
        amount = self.amount.data or 0
        return QuotaWanted(
            self.subject.data, self.measure.data, self.period.data,
            round(amount * 60) if self.measure.data == HOURS else int(amount),
            self.rolling_days.data or 0, self.weekly().text if self.hours_count() else None,
            int(self.week_start.data or 1), self.group.data or "", bool(self.grants.data),
            bool(self.counts_no_show.data),
        )  # fmt: skip


class QualifyForm(FlaskForm):
    """Who may operate at which level, until when."""

    email = StringField(_l("E-mail"), [InputRequired(), Length(max=200)])
    level = SelectField(_l("Level"), coerce=int, choices=options(LEVELS), default=2)
    last_day = DateField(
        _l("Last day"), [Optional()], description=_l("Empty: without end.")
    )  # fmt: skip
    note = StringField(
        _l("Note"), [Length(max=500)], description=_l("Such as the training and its examiner.")
    )
