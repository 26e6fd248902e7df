"""The token guard. Cookies prove nothing here, so no request needs a CSRF token."""

from flask import current_app, request

from booking.core.errors import Forbidden
from booking.infra import rate
from booking.web.access import SAFE
from booking.web.login import actor, by_token

FAILED_TRIES_SECONDS = 300


def require(scope: str) -> None:
    """Note the person of the request's bearer token as its actor.

    Raises Forbidden("unauthorized") without a live token, Forbidden("scope_needed") without
    `scope`, Forbidden("reads_only") when an auditor sends anything, TooMany when an address
    has tried too many wrong tokens.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Forbidden("unauthorized")
    person = by_token(token.strip())
    if person is None:
        address = request.remote_addr or "unknown"
        tries = current_app.config["SIGN_IN_TRIES_PER_ADDRESS"]
        rate.hit("token-from", address, tries, FAILED_TRIES_SECONDS)
        raise Forbidden("unauthorized")
    if scope not in (person.scopes or ()):
        raise Forbidden("scope_needed", limit=scope)
    if request.method not in SAFE and actor().reads_only:
        raise Forbidden("reads_only")
