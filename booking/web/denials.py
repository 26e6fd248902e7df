"""A line in the log for what was refused: who, from where, what. A flood of them is an attack.

Signing in, and what people do, is in the audit; what strangers try must cost no row each: wrong
passwords are counted, and come to the audit as one row an account and hour.
"""

import json
import logging

from flask import Flask, Response, g, request

from booking.accounts.services.wrong_passwords import note_wrong_password
from booking.infra import clock
from booking.infra.db import write
from booking.web.login import address_kept

log = logging.getLogger("booking.security")
EVENTS = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    413: "too_large",
    429: "too_many",
}
LONGEST = 200  # characters of anything a stranger chose


def init_app(app: Flask) -> None:
    """Note each refusal of `app`."""
    # Flask gives its logger a handler when it is first asked for; ours hands on to it.
    app.logger  # noqa: B018
    app.after_request(_refused)


def note(event: str, **facts: object) -> None:
    """Write one line `event name="value" …`; whatever a value holds, it stays on its line."""
    known = g.get("actor")
    told = {
        "user": known.user_id if known is not None else None,
        "from": address_kept(),
        "method": request.method,
        "endpoint": request.endpoint,
        **facts,
    }
    log.warning("%s %s", event, " ".join(f"{name}={_safe(told[name])}" for name in told))


def failed_sign_in(how: str, account: str = "") -> None:
    """Note that somebody could not prove who they are.

    What was typed as `account` is told only if it looks like one: people type passwords there.
    """
    note("sign_in_failed", how=how, account=account if "@" in account else None)


def wrong_password(email: str) -> None:
    """Note that a password typed for this address was wrong: in the log, and for the audit."""
    failed_sign_in("password", email)
    address, now = address_kept(), clock.now()
    write(lambda session: note_wrong_password(session, email, address, now))


def _refused(response: Response) -> Response:
    status = response.status_code
    if status in EVENTS:
        note(EVENTS[status])
    # Foreign answers like missing: whoever is signed in was led there by no page of ours.
    elif status == 404 and request.view_args and g.get("actor") is not None:
        # Never the path: it may hold a link's secret.
        named = {name: value for name, value in request.view_args.items() if isinstance(value, int)}
        note("hidden", **named)
    return response


def _safe(value: object) -> str:
    return json.dumps(value[:LONGEST] if isinstance(value, str) else value)
