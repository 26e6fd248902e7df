"""What the forms of reservations have in common: times, cleaned text, errors put on fields."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

# The stubs are of 3.2; tuples as choices are deprecated since 3.3.
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.widgets import DateTimeLocalInput

from booking.core.local import SkippedTime, UnreadableTime, local_text, parse_instant
from booking.core.period import Period
from booking.core.text import many_lines, one_line
from booking.web.messages import message


def choice(value: str, label: Any) -> Any:
    """Return one option of a SelectField or RadioField."""
    return SelectChoice(value, label)


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
