"""Random tokens: given out once, stored only as their hash."""

import hashlib
import secrets


def new_token() -> str:
    """Return 256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored for a token. Plain SHA-256: the token is already 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
