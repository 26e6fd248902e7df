"""Values read from addresses and forms: ids and page numbers."""

from flask import request

# Row ids are 64 bits wide in both databases; a larger number names nothing.
MOST_ID = 2**63 - 1


def id_of(text: str | None) -> int | None:
    """Return the row id in a query or form value, None when it is none."""
    if not text or not text.isascii() or not text.isdigit():
        return None
    number = int(text) if len(text) < 20 else 0
    return number if 0 < number <= MOST_ID else None


def page_number() -> int:
    """Return the page asked for, from 1."""
    return id_of(request.args.get("page")) or 1
