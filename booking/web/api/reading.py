"""Reading a request: bodies, query strings, If-Match, Idempotency-Key; every problem at once."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request, request
from webargs.flaskparser import FlaskParser, is_json_request

from booking.core.errors import Invalid, InvalidFields
from booking.core.period import to_epoch

MOST_BODY_BYTES = 64 * 1024  # the longest valid body is under 20 kB
_VERSION = re.compile(r'"([0-9]{1,18})"')
_ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
NO_VERSION = 0  # versions count from 1


class Reader(FlaskParser):
    """Webargs' parser with strict JSON, schemas that refuse the unknown, and our refusals."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """Return the body's object; an empty body is {} where every field is optional."""
        req.max_content_length = MOST_BODY_BYTES
        raw = req.get_data()
        if not raw.strip() and not any(field.required for field in schema.fields.values()):
            return {}
        if raw and not is_json_request(req):
            raise Invalid("unsupported_media_type", field="Content-Type")
        return read_object(raw)

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise InvalidFields with every field that cannot be accepted."""
        [by_field] = error.messages_dict.values()
        problems = [Invalid(code, field=name) for name, code in _codes_of(by_field)]
        raise InvalidFields(tuple(problems))


def _codes_of(found: Mapping[Any, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield (field, code), a field inside a list as `parts.0.pool_id`."""
    for name, codes in found.items():
        if isinstance(codes, Mapping):
            yield from _codes_of(codes, f"{above}{name}.")
        else:
            yield f"{above}{name}".removesuffix("._schema"), codes[0]


def read_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object of a body. Raises Invalid("malformed") for anything else."""
    try:
        found = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Invalid("malformed") from None
    if not isinstance(found, dict):
        raise Invalid("malformed")
    return found


def expected_version() -> int | None:
    """Return the version of If-Match; None for `*`, NO_VERSION for a tag that is none of ours.

    Raises Invalid: precondition_required without the header, malformed when it is no entity tag.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise Invalid("precondition_required", field="If-Match")
    if header == "*":
        return None
    version = _VERSION.fullmatch(header)
    if version:
        return int(version[1])
    if _ENTITY_TAG.fullmatch(header):
        return NO_VERSION
    raise Invalid("malformed", field="If-Match")


def idempotency_key() -> str | None:
    """Return the Idempotency-Key, if there is one. Raises Invalid unless 1–200 visible ASCII."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise Invalid("unfit_key", field="Idempotency-Key")
    return key


def body_hash(fields: Mapping[str, Any]) -> str:
    """Return a hash of the parsed fields: another order or spelling of a time is the same body."""
    plain = json.dumps(fields, default=_canonical, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_epoch(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
