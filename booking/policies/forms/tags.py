"""The form that tags a person."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from booking.policies.rules.settings import LONGEST_TAG


class TagForm(FlaskForm):
    """Who gets which tag."""

    email = StringField(_l("E-mail"), [InputRequired(), Length(max=200)])
    tag = StringField(
        _l("Tag"), [InputRequired(), Length(max=LONGEST_TAG)],
        description=_l("A word of your own, such as night shift."),
    )  # fmt: skip
