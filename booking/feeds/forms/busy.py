"""The form of a calendar to be read."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import TextAreaField
from wtforms.validators import Length

MOST_PASTED = 500_000


class BusyForm(FlaskForm):
    """A file, or its text."""

    file = FileField(
        _l("Calendar file (.ics)"),
        description=_l("Exported from Outlook, Google, Apple or another calendar; 2 MB at most."),
    )
    text = TextAreaField(_l("Or its text"), [Length(max=MOST_PASTED)])
