"""Calling the API as one of the cast, with a token of all scopes unless told otherwise."""

from datetime import datetime
from typing import Any

from booking.accounts.models import User
from booking.accounts.services.tokens import create_token
from booking.infra.db import write
from tests.conftest import NOW, Client
from tests.reservations.steps import at

ALL = ("read", "book", "approve", "export")
PREFIX = "/api/v1"


class Caller:
    """One person with a token. Answers are test responses; `json` holds the body."""

    def __init__(self, client: Client, user: User | None, scopes: tuple[str, ...] = ALL) -> None:
        self.client = client
        self.headers = {"Accept-Language": "en"}
        if user is not None:
            token = write(lambda s: create_token(s, None, user.id, scopes, NOW))
            self.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> Any:
        """Return the answer to GET; `from_` and `to` become from and to."""
        shown = {name.rstrip("_"): _shown(value) for name, value in query.items()}
        return self.client.get(PREFIX + path, query_string=shown, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Return the answer to POST; header names with underscores."""
        return self._send("POST", path, body, headers)

    def patch(self, path: str, body: Any, version: int | None) -> Any:
        """Return the answer to PATCH with the version as If-Match, if given."""
        headers = {} if version is None else {"If_Match": f'"{version}"'}
        return self._send("PATCH", path, body, headers)

    def book(self, start: float, end: float, **more: Any) -> Any:
        """Return the answer to a request for those hours of Tuesday, in the site's zone."""
        key = {"Idempotency_Key": more.pop("key")} if "key" in more else {}
        return self.post("/reservations", wanted(start, end, **more), **key)

    def move(self, booked: Any, start: float, end: float, **more: Any) -> Any:
        """Return the answer to a move of what `book` answered, to those hours of Tuesday."""
        body = {"start": _shown(at(start)), "end": _shown(at(end)), **more}
        return self.patch(f"/reservations/{booked.json['id']}", body, booked.json["version"])

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        options = {} if body is None else {"json": body}
        return self.client.open(
            PREFIX + path, method=method, headers={**self.headers, **named}, **options
        )


def wanted(start: float, end: float, **more: Any) -> dict[str, Any]:
    """Return the body of a request for those hours of Tuesday."""
    body = {"start": _shown(at(start)), "end": _shown(at(end)), "purpose": "research"}
    return {**body, **more}


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def series(start: float, end: float, **more: Any) -> dict[str, Any]:
    """Return the body of a series of two days from those hours of Tuesday on."""
    rule = {"kind": "series", "rule": "FREQ=DAILY;COUNT=2"}
    return {**wanted(start, end), **rule, **more}


def waited(start: float, end: float, **more: Any) -> dict[str, Any]:
    """Return the body of a wish for an hour within those hours of Tuesday."""
    return {**wanted(start, end), "minutes": 60, **more}


def timed(start: float, end: float, **more: Any) -> dict[str, Any]:
    """Return the body that keeps those hours of Tuesday."""
    body = wanted(start, end, **more)
    return {name: value for name, value in body.items() if name != "purpose"}
