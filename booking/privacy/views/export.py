"""Everything kept about a person as one archive: for programs, for reading, and the files."""

import io
import json
import logging
import zipfile
from datetime import datetime
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from booking.infra import clock
from booking.infra.storage.stores import StoreDown
from booking.privacy.queries import data_of, files_of
from booking.web.audit_words import thing_text
from booking.web.locale import current
from booking.web.uploads import store

MOST_FILE_BYTES = 50 * 1024**2  # together; the list names the rest


def archive_of(session: Session, user_id: int) -> bytes:
    """Return the ZIP: data.json, readable.html, files/ by id and name."""
    data, now = data_of(session, user_id), clock.now()
    files = files_of(session, user_id)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        whole = {"made_at": now.isoformat(), "person_id": user_id, **data}
        text = json.dumps(whole, default=_plain, ensure_ascii=False, indent=1)
        archive.writestr("data.json", text)
        archive.writestr("readable.html", _readable(data, now))
        room = MOST_FILE_BYTES
        for file in files:
            room -= file.size_bytes
            content = _content(file.key) if room >= 0 else None
            if content is not None:
                archive.writestr(f"files/{file.id}-{file.name}", content)
    return target.getvalue()


def _readable(data: dict[str, list[dict[str, Any]]], now: datetime) -> str:
    tables = [
        (thing_text(name), list(rows[0]), [[_text(v) for v in row.values()] for row in rows])
        for name, rows in data.items()
    ]
    return render_template("privacy/readable.html", tables=tables, now=now, lang=current())


def _content(key: str) -> bytes | None:
    try:
        return store().get(key)
    except StoreDown as down:
        logging.getLogger(__name__).warning("export without a file: %s", down)
        return None


def _text(value: Any) -> str:
    return "" if value is None else _plain(value)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
