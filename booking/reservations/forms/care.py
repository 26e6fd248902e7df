"""Forms of closing, calibrating and of what a unit needs."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional

from booking.core.errors import Invalid
from booking.reservations.forms.parts import PeriodForm, choice, line, text
from booking.reservations.rules.proposal import MAX_NOTE
from booking.reservations.rules.recurrence import Recurrence

CLOSURES = [
    choice("maintenance", _l("Maintenance")),
    choice("calibration", _l("Calibration")),
    choice("fault", _l("Fault")),
    choice("own_use", _l("Own use")),
]
BY_SYSTEM = [
    choice("calibration_due", _l("Calibration due")),
    choice("dependency", _l("Something it needs is closed")),
    choice("training", _l("Training")),
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
