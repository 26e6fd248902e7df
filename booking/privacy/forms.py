"""Forms of the privacy pages."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from booking.privacy.services.consenting import LONGEST_TEXT
from booking.privacy.services.erasing import MOST_REASON


class EraseForm(FlaskForm):
    """Proof that it is oneself who wants to be erased."""

    current_password = PasswordField(_l("Current password"), [InputRequired(), Length(max=200)])


class EraseByNameForm(FlaskForm):
    """The same of who has no password here, but signs in elsewhere."""

    email = StringField(_l("Your e-mail address"), [InputRequired(), Length(max=254)])


class RefuseForm(FlaskForm):
    """Why a request to be erased is refused."""

    reason = TextAreaField(
        _l("Reason"), [InputRequired(), Length(max=MOST_REASON)],
        description=_l("Which law or dispute stands against it. The person reads it in a mail."),
    )  # fmt: skip


class PolicyForm(FlaskForm):
    """The text of the privacy policy."""

    text_zh = TextAreaField(_l("Text in Chinese"), [InputRequired(), Length(max=LONGEST_TEXT)])
    text_en = TextAreaField(_l("Text in English"), [Length(max=LONGEST_TEXT)])


class HidingForm(FlaskForm):
    """What owners of instruments are not told."""

    hides_purposes = BooleanField(
        _l("Labs and institutions do not see the purpose of our reservations"),
        description=_l(
            "Your note to the lab is still shown to it. Of instruments under customs supervision "
            "the owner answers for the use, and sees the purpose."
        ),
    )
