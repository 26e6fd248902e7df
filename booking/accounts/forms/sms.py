"""Forms of signing in by SMS and of a person's mobile number."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from booking.accounts.services.sms_codes import DIGITS


class AccountForm(FlaskForm):
    """Whose mobile gets a code."""

    account = StringField(_l("Mobile number or e-mail"), [InputRequired(), Length(max=254)])


class NumberForm(FlaskForm):
    """A mobile number to prove."""

    number = StringField(
        _l("Mobile number"), [InputRequired(), Length(max=30)],
        description=_l("Numbers from outside mainland China with their country: +44 …"),
    )  # fmt: skip


class CodeForm(FlaskForm):
    """The code that was sent."""

    code = StringField(
        _l("Code from the SMS"), [InputRequired(), Length(max=20)],
        description=_l("%(digits)s digits", digits=DIGITS),
    )  # fmt: skip
