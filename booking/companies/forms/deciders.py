"""Forms of decider groups and absences."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length

from booking.core.text import LINE
from booking.web.fields import in_our_years


class DeciderGroupForm(FlaskForm):
    """A new decider group."""

    name_zh = StringField(_l("Name"), [InputRequired(), Length(max=LINE)])
    name_en = StringField(_l("English name"), [Length(max=LINE)])


class MemberForm(FlaskForm):
    """A person to take into a decider group."""

    email = StringField(_l("E-mail"), [InputRequired(), Length(max=254)])


class AwayForm(FlaskForm):
    """When one is away, in whole days, and who decides meanwhile."""

    first = DateField(_l("First day away"), [InputRequired(), in_our_years])
    last = DateField(_l("Last day away"), [InputRequired(), in_our_years])
    deputy = StringField(_l("Who decides meanwhile"), [InputRequired(), Length(max=254)])
    note = StringField(_l("Note"), [Length(max=LINE)])
