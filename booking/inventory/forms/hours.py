"""Weekly hours in a form: one line a weekday."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from booking.core.hours import WeeklyHours
from booking.inventory.rules.hours import NotHours, day_texts, weekly_hours
from booking.web.messages import message

LONGEST = 120  # characters: six windows a day
WORK_DAYS = ("08:00-18:00",) * 5 + ("", "")


class HoursForm(FlaskForm):
    """Seven lines of windows, Monday first; an empty line is a closed day."""

    day1 = StringField(_l("Monday"), [Length(max=LONGEST)])
    day2 = StringField(_l("Tuesday"), [Length(max=LONGEST)])
    day3 = StringField(_l("Wednesday"), [Length(max=LONGEST)])
    day4 = StringField(_l("Thursday"), [Length(max=LONGEST)])
    day5 = StringField(_l("Friday"), [Length(max=LONGEST)])
    day6 = StringField(_l("Saturday"), [Length(max=LONGEST)])
    day7 = StringField(_l("Sunday"), [Length(max=LONGEST)])

    @property
    def days(self) -> list[StringField]:
        """Return the seven lines, Monday first."""
        return [self[f"day{weekday}"] for weekday in range(1, 8)]

    @staticmethod
    def lines(hours: WeeklyHours | None) -> dict[str, str]:
        """Return what the lines hold at first: the hours, or usual ones to start from."""
        texts: Sequence[str] = WORK_DAYS if hours is None else day_texts(hours)
        return {f"day{weekday}": text for weekday, text in enumerate(texts, start=1)}

    def weekly(self) -> WeeklyHours:
        """Return the hours typed. Raises NotHours."""
        return weekly_hours([day.data or "" for day in self.days])

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether all can be read; what cannot is said at its line."""
        readable = super().validate(extra_validators)
        if not self.hours_count():
            return readable
        try:
            self.weekly()
        except NotHours as refusal:
            line = self[f"day{refusal.weekday}"]
            line.errors = [*line.errors, message("not_hours", {"part": refusal.part})]
            return False
        return readable

    def hours_count(self) -> bool:
        """Return whether the lines are in use; a form with a switch above them overrides this."""
        return True
