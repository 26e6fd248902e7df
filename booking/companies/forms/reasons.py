"""The form of a lab's list of reasons."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from booking.companies.queries.reasons import MOST_OFFERED
from booking.core.text import LINE

ALL = MOST_OFFERED * (LINE + 2)


class ReasonsForm(FlaskForm):
    """One reason a line; `seen` is the list as it was when the page was opened."""

    seen = HiddenField()
    reasons = TextAreaField(_l("Reasons, one a line"), [Length(max=ALL)])

    @property
    def lines(self) -> list[str]:
        """Return what was typed, line by line."""
        return (self.reasons.data or "").splitlines()
