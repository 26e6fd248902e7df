"""Where links may lead: own paths after a form, the configured base URL in mail."""

from urllib.parse import urlsplit

from flask import current_app

LONGEST = 2000  # characters; servers before ours refuse longer request lines


def safe_next(target: str | None, fallback: str) -> str:
    r"""Return `target` if it is a path of this site, else `fallback`.

    Refuses schemes, hosts, `//host`, `/\host`, control characters, and what is longer than a
    browser's address.
    """
    if not target or len(target) > LONGEST or not target.startswith("/") or target.startswith("//"):
        return fallback
    if "\\" in target or any(ord(c) < 32 for c in target):
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc else target


def public_url(path: str) -> str:
    """Return the absolute address of a path, from BOOKING_PUBLIC_BASE_URL, never from a request."""
    return str(current_app.config["PUBLIC_BASE_URL"]).rstrip("/") + path
