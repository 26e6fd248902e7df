"""Signed values for links: bound to one purpose, with an end. Nothing of them is stored."""

import hashlib
from datetime import datetime

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

DEVICE = "device"  # a purpose: the cookie a browser is known by
DECIDE = "decide"  # a purpose: a mail's link that decides on a request
LONGEST = 400  # characters; a longer text is none of ours


def sign(purpose: str, values: tuple[int, ...], until: datetime) -> str:
    """Return URL-safe text that gives `values` back, for this purpose, until then."""
    return _serializer(purpose).dumps([int(until.timestamp()), *values])


def read(purpose: str, token: str, now: datetime) -> tuple[int, ...] | None:
    """Return the values of a text signed here for this purpose; None if altered, foreign or over.

    The text must be the very one that was given out: base64 also reads some that differ in bits
    that mean nothing.
    """
    if len(token) > LONGEST:
        return None
    try:
        found = _serializer(purpose).loads(token)
    except BadData:
        return None
    if _serializer(purpose).dumps(found) != token or found[0] <= now.timestamp():
        return None
    return tuple(found[1:])


def sign_word(purpose: str, word: str) -> str:
    """Return text that gives `word` back, for this purpose, without an end."""
    return _serializer(purpose).dumps(word)


def read_word(purpose: str, text: str) -> str | None:
    """Return the word of a text signed here for this purpose, None of any other text."""
    if len(text) > LONGEST:
        return None
    try:
        return str(_serializer(purpose).loads(text))
    except BadData:
        return None


def _serializer(purpose: str) -> URLSafeSerializer:
    strong = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    key = current_app.config["SECRET_KEY"]
    return URLSafeSerializer(key, salt=f"booking.{purpose}", signer_kwargs=strong)
