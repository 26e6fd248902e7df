"""The form of a new API token."""

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from booking.accounts.services.tokens import LONGEST_NAME, TokenWish
from booking.web.fields import CheckboxesField, options

SCOPE_LABELS = {
    "read": _l("Read: see what you see"),
    "book": _l("Book: make, move and cancel reservations"),
    "approve": _l("Approve: decide on requests in your labs"),
    "export": _l("Export: everything kept about you"),
    "calendar": _l("Calendar: read your calendars (CalDAV), nothing else"),
}
OFFERED_DAYS = (7, 30, 90, 180, 365)
FOR_EVER = "0"


class TokenForm(FlaskForm):
    """Name, scopes and days of a new token."""

    name = StringField(
        _l("Name"), [InputRequired(), Length(max=LONGEST_NAME)],
        description=_l("What will use it, so that you recognise it later."),
    )  # fmt: skip
    scopes = CheckboxesField(_l("What it may do"), [InputRequired()], default=["read"])
    days = SelectField(_l("Works for"))

    def offer(self) -> None:
        """Offer the scopes, and the days that the park allows; its default is chosen."""
        usual = int(current_app.config["API_TOKEN_DAYS"])
        most = int(current_app.config["API_TOKEN_MAX_DAYS"])
        days = sorted({usual, *OFFERED_DAYS} - {0})
        allowed = [number for number in days if not most or number <= most] or [most]
        labels = {str(n): ngettext("%(num)s day", "%(num)s days", n) for n in allowed}
        if not most:
            labels[FOR_EVER] = _("no end")
        self.scopes.choices = options(SCOPE_LABELS)
        self.days.choices = options(labels)
        if self.days.data is None:
            self.days.data = str(usual) if str(usual) in labels else str(allowed[-1])

    def wish(self) -> TokenWish:
        """Return what was asked for."""
        days = None if self.days.data == FOR_EVER else int(self.days.data)
        return TokenWish(self.name.data or "", tuple(self.scopes.data or ()), days)
