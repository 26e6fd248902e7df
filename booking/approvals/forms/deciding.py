"""The form that decides requests, one or several at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from booking.reservations.forms.parts import text
from booking.reservations.rules.proposal import MAX_NOTE

MOST_AT_ONCE = 200


class RejectForm(FlaskForm):
    """The reason all chosen requests are rejected for."""

    reason = TextAreaField(_l("Reason"), [Length(max=MAX_NOTE)], filters=[text])


class LinkForm(RejectForm):
    """The decision a link in a mail asks for; a rejection needs a reason.

    `code` is of those who sign in with a second factor.
    """

    do = HiddenField()
    code = StringField(
        _l("Code"),
        [Length(max=64)],
        description=_l("Six digits from your authenticator app, or one of your recovery codes."),
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Reservations and whole groups to decide, each (id, version seen)."""

    items: list[tuple[int, int]]
    groups: list[tuple[int, int]]

    def __bool__(self) -> bool:
        return bool(self.items or self.groups)

    @property
    def values(self) -> list[str]:
        """Return the values that say the same again."""
        groups = [f"g{key}:{version}" for key, version in self.groups]
        return groups + [f"{key}:{version}" for key, version in self.items]


def chosen(values: Iterable[str]) -> Chosen:
    """Return what values such as 17:2 choose, each once, at most 200 of a kind.

    g5:12 is all that waits of group 5; 17:2@5 one of its reservations, which goes with it when
    the whole is chosen too.
    """
    items: dict[tuple[int, int], str] = {}
    groups: dict[tuple[int, int], str] = {}
    for value in values:
        text, _at, group = value.partition("@")
        left, _sep, right = text.removeprefix("g").partition(":")
        if left.isdecimal() and right.isdecimal() and len(left) < 19 and len(right) < 19:
            (groups if text.startswith("g") else items)[int(left), int(right)] = group
    whole = {str(key) for key, _version in groups}
    kept = [item for item, group in items.items() if group not in whole]
    return Chosen(kept[:MOST_AT_ONCE], list(groups)[:MOST_AT_ONCE])
