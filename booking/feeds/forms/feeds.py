"""The form of a new feed."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import InputRequired

from booking.feeds.rules.scopes import BUSY, FULL, Scope, scope_of
from booking.web.fields import options

DETAIL_LABELS = {
    FULL: _l("What is booked, as you may see it"),
    BUSY: _l("Only when it is occupied, without names"),
}


class FeedForm(FlaskForm):
    """Which calendar, and how much of it."""

    scope = RadioField(_l("Calendar"), [InputRequired()])
    detail = RadioField(
        _l("What is told"), [InputRequired()], choices=options(DETAIL_LABELS), default=FULL
    )

    def offer(self, labels: dict[str, str]) -> None:
        """Offer these calendars, name → label; the first is chosen."""
        self.scope.choices = options(labels)
        if self.scope.data is None:
            self.scope.data = next(iter(labels), None)

    @property
    def chosen(self) -> Scope:
        """Return the calendar that was chosen; the field offers no other names."""
        found = scope_of(str(self.scope.data))
        if found is None:
            raise ValueError("a calendar that was not offered")
        return found
