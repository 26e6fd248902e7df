"""Forms of sign-in and passwords."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from booking.accounts.rules.passwords import ADVISED_PASSWORD, MAX_PASSWORD, MIN_PASSWORD

_HINT = _l(
    "At least %(least)s characters, better %(better)s: several words make a good one. Any "
    "characters; pasting works.",
    least=MIN_PASSWORD,
    better=ADVISED_PASSWORD,
)


class SignInForm(FlaskForm):
    """E-mail and password."""

    email = StringField(_l("E-mail"), [InputRequired(), Length(max=254)])
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=MAX_PASSWORD)])


class SetPasswordForm(FlaskForm):
    """A first or new password, by a one-use link."""

    password = PasswordField(
        _l("New password"), [InputRequired(), Length(max=MAX_PASSWORD)], description=_HINT
    )


class ChangePasswordForm(FlaskForm):
    """The current password and a new one; `end_tokens` is asked of who has API tokens."""

    current_password = PasswordField(
        _l("Current password"), [InputRequired(), Length(max=MAX_PASSWORD)]
    )
    new_password = PasswordField(
        _l("New password"), [InputRequired(), Length(max=MAX_PASSWORD)], description=_HINT
    )
    end_tokens = BooleanField(
        _l("End my API tokens too"),
        description=_l("Programs that use them stop working until they are given new ones."),
        default=True,
    )
