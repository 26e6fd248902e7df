"""The long-lived cookie a browser is known by at sign-in; it opens nothing.

It is given out with the sign-in page, so that a form sent twice comes from one device.
"""

from typing import Any

from flask import Flask, current_app, g, request

from booking.accounts.rules.devices import Device
from booking.infra.secret import new_token
from booking.infra.signed import DEVICE, read_word, sign_word

LASTS_SECONDS = 400 * 86_400  # as long as browsers keep any


def init_app(app: Flask) -> None:
    """Send the cookie with the answers that need it."""
    app.after_request(_keep)


def device_here() -> Device:
    """Return where this request comes from; its browser is known from now on."""
    return Device(request.remote_addr or "", request.user_agent.string, _token())


def know_browser() -> None:
    """Have this browser known by a cookie from now on."""
    if request.cookies.get(_name()) is None:
        _token()


def _token() -> str:
    if "device" not in g:
        g.device = read_word(DEVICE, request.cookies.get(_name(), "")) or new_token()
    token: str = g.device
    return token


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-device"


def _keep(response: Any) -> Any:
    if "device" in g:
        response.set_cookie(
            _name(), sign_word(DEVICE, g.device), max_age=LASTS_SECONDS, httponly=True,
            secure=current_app.config["SESSION_COOKIE_SECURE"], samesite="Lax",
        )  # fmt: skip
    return response
