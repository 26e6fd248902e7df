"""Pages as people open them: signed-in browsers, what a page says, what its forms hold."""

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import object_session

from booking.accounts.models import User
from booking.accounts.services.sessions import start_session
from booking.infra import clock
from booking.infra.db import write

_TEXTAREA = re.compile(r'<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>', re.S)
_SELECT = re.compile(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', re.S)
_OFFER = re.compile(r'<form[^>]*data-once>((?:(?!</form>).)*?)class="offer"', re.S)


def browser(app: Flask, user: User | None = None, locale: str = "en") -> FlaskClient:
    """Return a browser in which `user` is signed in; nobody without one."""
    client = app.test_client()
    token = None
    if user is not None:
        user_id, held = user.id, object_session(user)
        if held is not None:
            held.rollback()  # a read left open could not be written in after what follows
        with app.app_context():
            token = write(lambda s: start_session(s, user_id, "127.0.0.1", "test", clock.now()))
    with client.session_transaction() as cookie:
        cookie["locale"] = locale
        if token is not None:
            cookie["_user_id"] = token
    return client


def fields(html: str) -> dict[str, str]:
    """Return the fields of the page's main form as a browser would send them, first of a name."""
    form = html[html.index('class="form') :]
    form = form[: form.index("</form>")]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        found.setdefault(_part(tag, "name"), _part(tag, "value"))
    for name, text in _TEXTAREA.findall(form):
        found.setdefault(name, unescape(text).strip())
    for name, options in _SELECT.findall(form):
        tags = re.findall(r"<option[^>]*>", options)
        chosen = next((t for t in tags if "selected" in t), tags[0] if tags else "")
        found.setdefault(name, _part(chosen, "value"))
    found.pop("", None)
    return found


def offers(html: str) -> list[dict[str, str]]:
    """Return the fields of each one-click alternative."""
    found = []
    for form in _OFFER.findall(html):
        tags = re.findall(r'<input type="hidden"[^>]*>', form)
        found.append({_part(t, "name"): _part(t, "value") for t in tags})
    return found


def said(html: str) -> str:
    """Return the text of the page's flashes and main part, white space joined."""
    main = html[html.index('class="wrap flashes') : html.index("<footer")]
    text = re.sub(r"<[^>]*>", " ", main)
    return " ".join(unescape(text).split())


def _part(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found.group(1)) if found else ""
