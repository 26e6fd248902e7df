"""Forms of the calendar: one day, and many days from text or a file."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, FileField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from booking.core.text import TEXT
from booking.policies.rules.calendar_text import MOST_NAME
from booking.policies.services.calendar import DayFields
from booking.web.fields import options

TYPED = "typed"
KIND_LABELS = {
    "holiday": _l("Holiday"), "workday": _l("Make-up workday"), "normal": _l("Ordinary day"),
}  # fmt: skip


class DayForm(FlaskForm):
    """One day."""

    day = DateField(_l("Day"), [InputRequired()])
    kind = SelectField(_l("Kind of day"), choices=options(KIND_LABELS))
    name_zh = StringField(_l("Name"), [Length(max=MOST_NAME)])
    name_en = StringField(_l("English name"), [Length(max=MOST_NAME)])

    def fields(self) -> DayFields:
        """Return what was typed. Call it after `validate`."""
        day: Any = self.day.data
        return DayFields(
            day, self.kind.data or "", self.name_zh.data or "", self.name_en.data or "", TYPED
        )


class DaysForm(FlaskForm):
    """Many days, pasted or from a file."""

    text = TextAreaField(
        _l("Pasted text"), [Length(max=TEXT)], render_kw={"rows": 8},
        description=_l(
            "A line a day, such as 2027-10-01 holiday 国庆节 or 2027-10-09 workday; or the lines "
            "of the yearly notice, such as 国庆节：10月1日至7日放假调休，10月9日上班。"
        ),
    )  # fmt: skip
    year = IntegerField(
        _l("Year of the notice"), [InputRequired(), NumberRange(2000, 2100)],
        description=_l("For lines that name no year."),
    )  # fmt: skip
    file = FileField(
        _l("Or a file"), description=_l("CSV or XLSX with the columns day, kind, name.")
    )
