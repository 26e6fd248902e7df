"""Strict fields of bodies and query strings. A field's error is a code of web/messages.py."""

import re
from datetime import UTC, date, datetime
from typing import Any

import marshmallow as ma

from booking.core.text import is_keepable

MOST_WHOLE = 2**63 - 1  # what the database holds
_WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# RFC 3339; the offset is asked for apart, so that a naive time gets an answer of its own.
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
# In a query string an unescaped + arrives as a space.
_UNESCAPED_PLUS = re.compile(r"^(.{16,}) ([0-9]{2}:[0-9]{2})$", re.ASCII)
_CODES = {"required": "required", "null": "required", "validator_failed": "invalid"}


class Schema(ma.Schema):
    """The base of bodies and query strings: unknown fields are refused."""

    class Meta:
        """Refuse what is not named."""

        unknown = ma.RAISE

    error_messages = {"unknown": "unknown_field", "type": "malformed"}


class Nothing(Schema):
    """No field."""


class Query(Schema):
    """The base of query strings, in which everything is text."""


class Whole(ma.fields.Integer):
    """A whole number the database can hold; in JSON a number, never text, fraction or boolean."""

    default_error_messages = {**_CODES, "invalid": "not_whole", "range": "number_range"}

    def __init__(self, *, least: int = -MOST_WHOLE, most: int = MOST_WHOLE, **options: Any) -> None:
        self.least, self.most = least, most
        limits = {"minimum": least} if least > -MOST_WHOLE else {}
        if most < MOST_WHOLE:
            limits["maximum"] = most
        super().__init__(**{**options, "metadata": {**limits, **options.get("metadata", {})}})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(self.parent, Query) and isinstance(value, str) and _WHOLE.fullmatch(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        if not self.least <= value <= self.most:
            raise self.make_error("range")
        return value


class Id(Whole):
    """The id of a row."""

    def __init__(self, **options: Any) -> None:
        super().__init__(least=1, **options)


class Rows(ma.fields.List):  # type: ignore[type-arg] # generic only in its stubs
    """A list, each of its items a field."""

    default_error_messages = {**_CODES, "invalid": "not_a_list"}


class Part(ma.fields.Nested):
    """An object inside another."""

    default_error_messages = {**_CODES, "type": "malformed"}


class Ids(Rows):
    """A list of ids; what is wrong with one of them is said of the list."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Id(), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ma.ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            raise ma.ValidationError(next(iter(error.messages.values()))) from None


class Answers(ma.fields.Dict):
    """Answers by key; each is checked against its question where they are known."""

    default_error_messages = {**_CODES, "invalid": "malformed"}

    def __init__(self, **options: Any) -> None:
        value = ma.fields.Raw(error_messages={**_CODES})
        super().__init__(keys=Text(), values=value, **options)


class Text(ma.fields.String):
    """Text any database can keep: no NUL, no half of a surrogate pair."""

    default_error_messages = {**_CODES, "invalid": "not_text", "unkeepable": "unkeepable_text"}

    def __init__(self, *, most: int | None = None, **options: Any) -> None:
        self.most = most
        limits = {"maxLength": most} if most is not None else {}
        super().__init__(**{**options, "metadata": {**limits, **options.get("metadata", {})}})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not is_keepable(value):
            raise self.make_error("unkeepable")
        return value


class Choice(Text):
    """One of a few words."""

    default_error_messages = {"choice": "unknown_choice"}

    def __init__(self, words: tuple[str, ...], **options: Any) -> None:
        self.words = words
        super().__init__(**{**options, "metadata": {"enum": list(words)}})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if super()._deserialize(value, attr, data) not in self.words:
            raise self.make_error("choice")
        return str(value)


class Instant(ma.fields.DateTime):
    """RFC 3339 with an offset, read as aware UTC. A naive time is refused as offset_needed."""

    default_error_messages = {**_CODES, "invalid": "not_an_instant", "naive": "offset_needed"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if isinstance(self.parent, Query):
            value = _UNESCAPED_PLUS.sub(r"\1+\2", value)
        found = _INSTANT.fullmatch(value)
        if found is None:
            raise self.make_error("invalid")
        day, clock, offset = found.groups()
        if offset is None:
            raise self.make_error("naive")
        try:
            moment = datetime.fromisoformat(f"{day}T{clock}{offset.upper()}")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("invalid") from None


class Day(Text):
    """A calendar day, such as 2026-11-24, read as a date."""

    default_error_messages = {"day": "not_a_day"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data)
        try:
            return date.fromisoformat(text) if _DAY.fullmatch(text) else self._refuse()
        except ValueError:
            return self._refuse()

    def _refuse(self) -> Any:
        raise self.make_error("day") from None


class Flag(ma.fields.Boolean):
    """true or false."""

    default_error_messages = {**_CODES, "invalid": "not_a_flag"}
    truthy = {"true", "1", True}
    falsy = {"false", "0", False}
