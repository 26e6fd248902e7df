"""The form of a report about a unit."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, TextAreaField
from wtforms.validators import Length

from booking.reservations.forms.parts import choice, text
from booking.reservations.rules.proposal import MAX_NOTE

REPORTS = [
    choice("fault", _l("Fault report")),
    choice("calibration", _l("Calibration certificate")),
    choice("maintenance", _l("Maintenance report")),
]


class ReportForm(FlaskForm):
    """A photo or PDF about a unit."""

    kind = SelectField(_l("Kind of report"), choices=REPORTS, validate_choice=False)
    note = TextAreaField(_l("Note"), [Length(max=MAX_NOTE)], filters=[text])
    file = FileField(
        _l("File"), [FileRequired(_l("Choose a file."))],
        description=_l("A photo or PDF, at most 5 MB. Photos lose where they were taken."),
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,.webp"},
    )  # fmt: skip
