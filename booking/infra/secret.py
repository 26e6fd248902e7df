"""Random tokens: given out once, stored only as their hash; and secrets sealed with our key."""

import base64
import hashlib
import hmac
import secrets
from typing import Any

from flask import current_app

from booking.infra.late import late

# Letters and digits nobody mixes up (Crockford).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


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


def new_code(characters: int) -> str:
    """Return a random code for people to type, of 5 bits a character."""
    return "".join(secrets.choice(ALPHABET) for _ in range(characters))


def seal(text: str, purpose: str) -> str:
    """Return `text` encrypted and signed with a key made of SECRET_KEY for this purpose."""
    return str(_box(purpose).encrypt(text.encode()).decode())


def unseal(sealed: str, purpose: str) -> str | None:
    """Return what was sealed; None when it was changed, or sealed with another key."""
    try:
        return str(_box(purpose).decrypt(sealed.encode()).decode())
    except late("cryptography.fernet").InvalidToken:
        return None


def _box(purpose: str) -> Any:
    key = hmac.new(current_app.config["SECRET_KEY"].encode(), purpose.encode(), hashlib.sha256)
    # 15 ms of import, for the few requests that enrol or check an authenticator app.
    return late("cryptography.fernet").Fernet(base64.urlsafe_b64encode(key.digest()))
