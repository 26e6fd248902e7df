"""The token guard. Cookies prove nothing here, so no request needs a CSRF token."""

from flask import request, url_for

from booking.core.errors import Forbidden
from booking.web.access import SAFE
from booking.web.limits import count_api_call, count_wrong_token
from booking.web.links import public_url
from booking.web.login import actor, by_token

# One's own data is handed out whether or not one agrees to anything (PIPL, article 45).
OWN_DATA = frozenset({"api_me.export"})


def require(scope: str) -> None:
    """Note the person of the request's bearer token as its actor.

    Raises Forbidden("unauthorized") without a live token, Forbidden("scope_needed") without
    `scope`, Forbidden("consent_required") before the person has agreed to the privacy policy in
    force, Forbidden("reads_only") when an auditor sends anything, TooMany when an address has
    tried too many wrong tokens, or too many calls were made.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Forbidden("unauthorized")
    person = by_token(token.strip())
    if person is None:
        count_wrong_token()
        raise Forbidden("unauthorized")
    count_api_call(person.token_id or 0, person.user_id)
    if scope not in (person.scopes or ()):
        raise Forbidden("scope_needed", limit=scope)
    if person.must_agree and request.endpoint not in OWN_DATA:
        raise Forbidden("consent_required", limit=public_url(url_for("privacy.policy")))
    if request.method not in SAFE and actor().reads_only:
        raise Forbidden("reads_only")
