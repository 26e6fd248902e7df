"""The form of a notice."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from booking.core.text import LINE
from booking.notices.services import MOST_TEXT


def _text(value: Any) -> str:
    return str(value or "").replace("\r\n", "\n").strip()


class NoticeForm(FlaskForm):
    """What a notice says, on which days, and whether it must be read."""

    revision = HiddenField()
    title_zh = StringField(_l("Title"), [InputRequired(), Length(max=LINE)], filters=[_text])
    text_zh = TextAreaField(
        _l("Text"), [InputRequired(), Length(max=MOST_TEXT)], filters=[_text],
        description=_l("Plain text. Web addresses become links."),
    )  # fmt: skip
    title_en = StringField(_l("Title in English"), [Length(max=LINE)], filters=[_text])
    text_en = TextAreaField(_l("Text in English"), [Length(max=MOST_TEXT)], filters=[_text])
    from_day = DateField(_l("First day"), [InputRequired()])
    until_day = DateField(
        _l("Last day"), [Optional()], description=_l("Empty: until it is withdrawn.")
    )
    must_read = BooleanField(
        _l("Must be read"),
        description=_l("Who books what it covers ticks first that they have read it."),
    )
