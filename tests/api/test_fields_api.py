"""What is wrong with a field is a code of ours, whichever field it is and however deep inside."""

from collections.abc import Iterator

import marshmallow as ma
import pytest

from booking.app import API
from booking.web.api.fields import Schema
from booking.web.messages import TEXTS

SAID = ("required", "null", "invalid", "type", "unkeepable", "validator_failed")


def schemas(kind: type[Schema] = Schema) -> Iterator[type[Schema]]:
    """Yield every schema of what is sent."""
    for found in kind.__subclasses__():
        yield found
        yield from schemas(found)


def inside(field: ma.fields.Field) -> Iterator[ma.fields.Field]:
    """Yield a field and those in it."""
    yield field
    for name in ("inner", "key_field", "value_field"):
        inner = getattr(field, name, None)
        if inner is not None:
            yield from inside(inner)


@pytest.mark.parametrize("schema", sorted(set(schemas()), key=repr), ids=lambda s: s.__name__)
def test_every_refusal_of_a_field_has_a_text(schema):
    assert API
    said = {
        (name, type(field).__name__, key): field.error_messages[key]
        for name, outer in schema().fields.items()
        for field in inside(outer)
        for key in SAID
        if key in field.error_messages
    }

    assert {place: text for place, text in said.items() if text not in TEXTS} == {}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/reservations", {"answers": {"q": None}}, "answers.q.value"),
        ("/reservations", {"answers": []}, "answers"),
        ("/reservation-groups", {"kind": "bundle", "parts": [None]}, "parts.0"),
        ("/reservation-groups", {"kind": "bundle", "parts": {}}, "parts"),
        ("/reservation-groups", {"kind": "series", "exceptions": [None]}, "exceptions.0"),
        ("/reservation-groups", {"kind": "series", "exceptions": "x"}, "exceptions"),
    ],
)
def test_what_is_wrong_inside_a_field_is_refused(api, path, body, field):
    answer = api.ada.post(path, body)

    assert answer.status_code == 422
    assert field in [v["field"] for v in answer.json["violations"]]
