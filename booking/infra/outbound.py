"""Asking other servers: verified TLS, no redirects, bounded in time and size.

For servers that the operator has named in the settings; what a user names must not come here.
"""

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

SECONDS = 5.0
MOST_BYTES = 256 * 1024
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CHUNK = 16 * 1024


class Unreachable(Exception):
    """The other server gave no answer that could be used; the text says why, without secrets."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What another server answered."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """Return the JSON object of the body. Raises Unreachable when it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Unreachable("the answer is no JSON object")
        return found


def get(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return the answer to a GET. Raises Unreachable."""
    return _ask("GET", url, None, dict(headers or {}))


def post_form(
    url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> Answer:
    """Return the answer to a form. Raises Unreachable."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return _ask("POST", url, urlencode(fields).encode(), {**kind, **(headers or {})})


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Return the answer to any body. Raises Unreachable."""
    return _ask("POST", url, body, dict(headers))


def is_safe(url: str) -> bool:
    """Return whether an address may be asked: https, or http on this machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _ask(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
    if not is_safe(url):
        raise Unreachable("the address must begin with https://")
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    deadline = time.monotonic() + SECONDS
    try:
        connection.request(method, path, body, {"Accept": "application/json", **headers})
        response = connection.getresponse()
        if 300 <= response.status < 400:
            raise Unreachable(f"{parts.hostname} wants to lead elsewhere ({response.status})")
        return Answer(response.status, _read(response, deadline))
    except (OSError, http.client.HTTPException, ValueError) as error:  # SSLError is an OSError
        raise Unreachable(f"{parts.hostname}: {type(error).__name__}") from error
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=SECONDS)
    return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=authorities())


@cache
def authorities() -> ssl.SSLContext:
    """Return the system's authorities, or those of SSL_CERT_FILE; built once, it takes 20 ms."""
    return ssl.create_default_context()


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """Return the body. A server that sends a byte now and then is not waited for."""
    body = b""
    while chunk := response.read1(_CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            raise Unreachable("the answer is too long")
        if time.monotonic() > deadline:
            raise Unreachable("the answer takes too long")
    return body
