"""What every answer carries, whatever it is: page, redirect, refusal, file, picture, API."""

from typing import Any
from urllib.parse import urlsplit

from booking.web.headers import CSP, PERMISSIONS
from booking.web.uploads import ALONE

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}
# What no answer says: who may read it from elsewhere, and what serves it.
NOWHERE = ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "X-Powered-By")
# Kinds that are text, whose letters are named; JSON is UTF-8 by its own standard.
LETTERS = ("text/", "image/svg+xml", "application/xml")
# Pictures of instruments, which every signed-in person sees, for five minutes in their browser.
PICTURE_KEPT = "private, max-age=300"


def lacking(answer: Any) -> dict[str, Any]:
    """Return the headers of an answer that are not as they should be, sheets and scripts aside."""
    given = answer.headers
    wrong = missing(answer)
    handed_out = "attachment" in given.get("Content-Disposition", "")
    picture = answer.mimetype == "image/webp"
    if given.get("Content-Security-Policy") not in ((ALONE,) if picture else (CSP, ALONE)):
        wrong["Content-Security-Policy"] = given.get("Content-Security-Policy")
    kept = given.get("Cache-Control", "")
    if "no-store" not in kept and not (picture and kept == PICTURE_KEPT):
        wrong["Cache-Control"] = kept
    if answer.mimetype.startswith(LETTERS) and answer.mimetype_params.get("charset") != "utf-8":
        wrong["Content-Type"] = answer.content_type
    shown = ("text/html", "text/plain", "image/", "application/json", "application/problem+json")
    if answer.data and not handed_out and not answer.mimetype.startswith(shown):
        wrong["Content-Disposition"] = given.get("Content-Disposition")
    for cookie in given.getlist("Set-Cookie"):
        if not {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")):
            wrong["Set-Cookie"] = cookie
    if "Location" in given and not stays(given["Location"]):
        wrong["Location"] = given["Location"]
    return wrong


def missing(answer: Any) -> dict[str, Any]:
    """Return what is wrong with the headers that every answer carries, sheets and scripts too."""
    given = answer.headers
    wrong = {name: given.get(name) for name in EVERYWHERE if given.get(name) != EVERYWHERE[name]}
    return wrong | {name: given[name] for name in NOWHERE if name in given}


def stays(location: str) -> bool:
    """Return whether a browser that is led there stays on our host."""
    # Browsers leave out tabs and line ends, and take a backslash for a slash.
    seen = location.translate({9: None, 10: None, 13: None}).strip().replace("\\", "/")
    parts = urlsplit(seen)
    return not seen.startswith("//") and not parts.scheme and not parts.netloc
