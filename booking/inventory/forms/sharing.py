"""Forms of contributions."""

from datetime import date

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from booking.core.hours import WeeklyHours
from booking.core.text import LINE
from booking.inventory.forms.hours import HoursForm
from booking.inventory.rules.terms import MOST_PRIORITY_HOURS, Terms
from booking.web.fields import options, row_id


class SharedHoursForm(HoursForm):
    """At which hours a pool is shared."""

    hours = RadioField(
        _l("Shared hours"),
        choices=options({"always": _l("Whenever it is open"), "own": _l("Only at these hours")}),
        default="always",
    )

    def hours_count(self) -> bool:
        """Return whether sharing has hours of its own."""
        return bool(self.hours.data == "own")

    def shared(self) -> WeeklyHours | None:
        """Return the hours typed, None for all. Call it after `validate`."""
        return self.weekly() if self.hours_count() else None


class TermsForm(SharedHoursForm):
    """At which hours a pool is shared, and what its owner keeps."""

    revenue_share_percent = IntegerField(
        _l("Owner's share of the revenue, in percent"), [InputRequired(), NumberRange(0, 100)],
        default=0,
    )  # fmt: skip
    owner_priority_hours = IntegerField(
        _l("Owner's priority, in hours"), [InputRequired(), NumberRange(0, MOST_PRIORITY_HOURS)],
        default=0,
        description=_l("Until so long before its start the owner may move a provisional booking."),
    )  # fmt: skip

    def terms(self, from_day: date, until_day: date | None = None) -> Terms:
        """Return what was typed. Call it after `validate`."""
        return Terms(
            from_day, until_day, self.shared(),
            self.revenue_share_percent.data or 0, self.owner_priority_hours.data or 0,
        )  # fmt: skip


class ShareForm(TermsForm):
    """Pools to share, from a day on: those ticked, or all the filter finds of an institution."""

    pools = SelectMultipleField(_l("Instrument groups"), coerce=row_id, validate_choice=False)
    everything = BooleanField(_l("All unshared ones of this institution that match"))
    from_day = DateField(_l("First shared day"), [InputRequired()])
    until_day = DateField(_l("Last shared day"), [Optional()])


class EndForm(FlaskForm):
    """When an agreement ends."""

    last_day = DateField(_l("Last shared day"), [Optional()], description=_l("Empty: it ends now."))


class PauseForm(FlaskForm):
    """The days of a pause."""

    first_day = DateField(_l("First day of the pause"), [InputRequired()])
    last_day = DateField(
        _l("Last day of the pause"), [Optional()], description=_l("Empty: until further notice.")
    )


class TakeBackForm(FlaskForm):
    """The days in which an institution uses a unit itself."""

    first_day = DateField(_l("First day"), [InputRequired()])
    last_day = DateField(_l("Last day"), [InputRequired()])
    note = StringField(_l("Note"), [Length(max=LINE)])


class TakeOutForm(FlaskForm):
    """What the group of a unit that is no longer shared is called."""

    name_zh = StringField(_l("Name of the new group"), [InputRequired(), Length(max=LINE)])
    name_en = StringField(_l("English name"), [Length(max=LINE)])
