"""Forms of second factors, of proving oneself again, and of the address."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from booking.accounts.rules.factors import LONGEST_PASSKEY_NAME
from booking.accounts.rules.passwords import MAX_PASSWORD

LONGEST_ANSWER = 20_000  # characters of what a browser says of a passkey


class CodeForm(FlaskForm):
    """A code of the authenticator app, or a recovery code."""

    code = StringField(
        _l("Code"),
        [InputRequired(), Length(max=64)],
        description=_l("Six digits from your authenticator app, or one of your recovery codes."),
    )


class AppCodeForm(FlaskForm):
    """The first code an authenticator app shows."""

    code = StringField(
        _l("Code"),
        [InputRequired(), Length(max=64)],
        description=_l("The six digits the app shows now."),
    )


class ProofForm(FlaskForm):
    """The password, once more."""

    password = PasswordField(_l("Password"), [InputRequired(), Length(max=MAX_PASSWORD)])


class ForgottenForm(FlaskForm):
    """The address of somebody who forgot the password."""

    email = StringField(_l("E-mail"), [InputRequired(), Length(max=254)])


class EmailForm(FlaskForm):
    """The new address."""

    email = StringField(_l("New e-mail"), [InputRequired(), Length(max=254)])


class NothingForm(FlaskForm):
    """A button."""


class AlertsForm(FlaskForm):
    """Whether to be told of sign-ins from new devices."""

    sign_in_alerts = BooleanField(
        _l("Mail me when somebody signs in from a new device"),
    )


class PasskeyForm(FlaskForm):
    """What the browser says of a passkey, put here by the page's script; `name` for a new one.

    Only read: the fields are written by `accounts/_passkey.html`.
    """

    credential = HiddenField(validators=[InputRequired(), Length(max=LONGEST_ANSWER)])
    name = StringField(validators=[Length(max=LONGEST_PASSKEY_NAME)])
