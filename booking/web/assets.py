"""Static files: at an address that changes with their content, packed once, kept for a year.

The version is a part of the path, not a query, so that scripts and sheets which name each other by
relative addresses stay within it. Nothing but these files is compressed: a page holds a CSRF token
beside words of the request, and its packed length would tell how alike they are (BREACH).
"""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from booking.core.errors import NotFound

# Their own table: what a machine's registry says of .js has broken scripts elsewhere.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".json": "application/json",
    "": "text/plain; charset=utf-8",  # licences
}
KEPT = "public, max-age=31536000, immutable"
ASKED_AGAIN = "no-cache"


class Sessions(SecureCookieSessionInterface):
    """Cookies as ever, but none on static files: caches share those, whoever asked."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie of a page, and what it varies by."""
        if request.endpoint != "static":
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Serve the files of `booking/static`, listed now; a new one needs a restart."""
    app.session_interface = Sessions()
    folder = Path(app.root_path) / "static"
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in TYPES
    }
    current = _version(files)

    def static(version: str, filename: str) -> Response:
        path = files.get(filename)
        if path is None:
            raise NotFound("file")
        # Another process may be of another release: its pages get our file, but do not keep it.
        return _answer(path, keep=version == current and not current_app.debug)

    def versioned(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("version", current)

    app.add_url_rule("/static/<version>/<path:filename>", view_func=static)
    app.url_defaults(versioned)


def _version(files: dict[str, Path]) -> str:
    """Return a name for all the files' contents together."""
    whole = hashlib.sha256()
    for name, path in files.items():
        whole.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:12]


def _answer(path: Path, *, keep: bool) -> Response:
    packed = request.accept_encodings.quality("gzip") > 0
    body, tag = _body(path, path.stat().st_mtime_ns, packed)
    response = Response(body, content_type=TYPES[path.suffix])
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = KEPT if keep else ASKED_AGAIN
    response.vary.add("Accept-Encoding")
    response.set_etag(tag)
    response.make_conditional(request)
    return response


@lru_cache(maxsize=256)
def _body(path: Path, _changed: int, packed: bool) -> tuple[bytes, str]:  # noqa: FBT001 - a cache's key
    """Return a file's bytes, packed or not, with their tag; read anew when the file changes."""
    plain = path.read_bytes()
    body = gzip.compress(plain, 9, mtime=0) if packed else plain
    return body, hashlib.sha256(body).hexdigest()[:16]
