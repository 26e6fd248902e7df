"""The form that decides requests, one or several at once."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

from booking.core.text import many_lines
from booking.reservations.rules.proposal import MAX_NOTE

MOST_AT_ONCE = 200


class RejectForm(FlaskForm):
    """The reason all chosen requests are rejected for."""

    reason = TextAreaField(
        _l("Reason"), [Length(max=MAX_NOTE)], filters=[lambda typed: many_lines(typed or "")]
    )


def chosen(values: Iterable[str]) -> list[tuple[int, int]]:
    """Return (reservation id, version seen) of values such as 17:2, each once, at most 200."""
    found: dict[tuple[int, int], None] = {}
    for value in values:
        left, _sep, right = value.partition(":")
        if left.isdecimal() and right.isdecimal() and len(left) < 19 and len(right) < 19:
            found[int(left), int(right)] = None
    return list(found)[:MOST_AT_ONCE]
