"""The form that gives a file of units and says whose they are."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, FileField, StringField
from wtforms.validators import InputRequired, Length, Optional

from booking.inventory.rules.reading import Options

LONGEST_SITE = 100
LONGEST_LAB = 200


class ImportForm(FlaskForm):
    """A file and the choices of its import."""

    file = FileField(
        _l("File"),
        [InputRequired()],
        description=_l("XLSX, XLS or CSV in any encoding; headings in Chinese or English."),
    )
    institution = StringField(
        _l("Institution"),
        [InputRequired(), Length(max=200)],
        description=_l("Whose units they are. A new name creates the institution."),
    )
    site = StringField(
        _l("Site"),
        [Optional(), Length(max=LONGEST_SITE)],
        description=_l("For rows that name none. With one site in the park it may stay empty."),
    )
    lab = StringField(
        _l("Lab"),
        [Optional(), Length(max=LONGEST_LAB)],
        description=_l("For rows that name none. Without any lab they are put under 未分配."),
    )
    share_from = DateField(
        _l("Share from"),
        [Optional()],
        description=_l("Opens a sharing agreement for each new instrument group."),
    )
    share_until = DateField(_l("Share until"), [Optional()], description=_l("This day included."))

    def options(self) -> Options:
        """Return the choices typed. Call it after `validate`."""
        return Options(
            self.institution.data or "",
            self.site.data or "",
            self.lab.data or "",
            {},
            self.share_from.data,
            self.share_until.data,
        )
