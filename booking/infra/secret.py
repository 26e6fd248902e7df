"""Random tokens: given out once, stored only as their hash."""

import hashlib
import hmac
import secrets

from flask import current_app


def new_token() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored for a token. Plain SHA-256: the token is already 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(text: str, purpose: str) -> str:
    """Return what is stored for a short code: without our key not even all codes can be tried."""
    key = f"{purpose} {current_app.config['SECRET_KEY']}".encode()
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
