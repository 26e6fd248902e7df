"""The one way in and out for files: checked by content, kept by us, never shown as a page."""

import hashlib
import logging
from dataclasses import dataclass

from flask import Response, current_app, request
from werkzeug.datastructures import FileStorage

from booking.core.errors import Busy, Invalid, NotFound
from booking.infra import clock
from booking.infra.db import db, write
from booking.infra.pictures.read import CONTENT_TYPE as PICTURE_TYPE
from booking.infra.pictures.read import small_picture
from booking.infra.storage.files import NewFile, StoredFile, note
from booking.infra.storage.kinds import PICTURES, Kind, kind_of
from booking.infra.storage.names import disposition, ending_of, tidy_name
from booking.infra.storage.stores import Store, StoreDown, new_key, open_store

LONGEST_SIDE = 2560  # of a scanned page: small print stays readable
_PICTURE_ENDINGS = tuple(ending for kind in PICTURES for ending in kind.endings)
# Even what is opened in a browser after all runs nothing and reaches nothing.
ALONE = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"


@dataclass(frozen=True, slots=True)
class Received:
    """A file fit to be kept: a harmless name, what it is, its bytes (pictures written anew)."""

    name: str
    content_type: str
    content: bytes


def received(
    given: FileStorage | None, kinds: tuple[Kind, ...], most_bytes: int, field: str = "file"
) -> Received:
    """Return what was uploaded, if it is one of `kinds`.

    Raises Invalid on `field`: nothing given, too large, not of these kinds, or named as if it were
    something else. A picture is shrunk to 2560 pixels and written anew, without what came with it.
    """
    if given is None or not given.filename:
        raise Invalid("file_missing", field=field)
    content = given.stream.read(most_bytes + 1)
    if not content:
        raise Invalid("file_missing", field=field)
    if len(content) > most_bytes:
        raise Invalid("too_many_bytes", field=field, limit=most_bytes // 1024**2)
    return checked(given.filename, content, kinds, field)


def checked(name: str, content: bytes, kinds: tuple[Kind, ...], field: str = "file") -> Received:
    """Return the file as it may be kept. Raises Invalid as `received` does."""
    kind = kind_of(content, field)
    if kind not in kinds:
        raise Invalid("file_kind", field=field)
    picture, ending = kind in PICTURES, ending_of(name)
    # Telephones call a JPEG .png; nobody calls a page .pdf by mistake.
    if ending not in (_PICTURE_ENDINGS if picture else kind.endings):
        raise Invalid("file_named_otherwise", field=field, actual=kind.name)
    if picture:
        small = small_picture(content, LONGEST_SIDE, field)
        stem = name.rpartition(".")[0]
        return Received(tidy_name(stem, "webp"), PICTURE_TYPE, small)
    return Received(tidy_name(name, ending), kind.content_type, content)


def keep(file: Received, user_id: int | None) -> int:
    """Return the id of the kept file; it goes in two days unless a service uses it.

    Two steps, and no transaction open while the bytes travel. Raises Busy when the store is down.
    """
    key, digest = new_key(), hashlib.sha256(file.content).hexdigest()
    new = NewFile(key, file.name, file.content_type, len(file.content), digest)
    file_id = write(lambda session: note(session, new, user_id, clock.now()))
    try:
        store().put(key, file.content)
    except StoreDown as down:
        logging.getLogger(__name__).warning("upload not kept: %s", down)
        raise Busy(60) from down
    return file_id


def download(file_id: int | None) -> Response:
    """Answer a kept file, always as a download. Who may have it was asked before."""
    row, content = _fetched(file_id)
    response = Response(content, content_type=row.content_type)
    response.headers["Content-Disposition"] = disposition(row.name)
    response.headers["Cache-Control"] = "private, no-store"
    return _alone(response)


def shown_picture(file_id: int | None, kept: str) -> Response:
    """Answer a picture of our own making inside a page; `kept` says for how long it may be."""
    row, content = _fetched(file_id)
    if row.content_type != PICTURE_TYPE:
        raise NotFound("photo")
    response = Response(content, content_type=PICTURE_TYPE)
    response.headers["Cache-Control"] = kept
    response.set_etag(row.sha256)
    return _alone(response).make_conditional(request)  # type: ignore[return-value]


def store() -> Store:
    """Return the store this application is set to."""
    return open_store(current_app.config, current_app.instance_path)


def _fetched(file_id: int | None) -> tuple[StoredFile, bytes]:
    """Return row and bytes of a file. Raises NotFound, Busy."""
    row = db.session.get(StoredFile, file_id) if file_id is not None else None
    if row is None:
        raise NotFound("file")
    try:
        content = store().get(row.key)
    except StoreDown as down:
        logging.getLogger(__name__).warning("upload not read: %s", down)
        raise Busy(60) from down
    if content is None:
        raise NotFound("file")
    return row, content


def _alone(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = ALONE
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
