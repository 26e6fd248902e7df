"""What a list page was asked for, and the addresses of its other pages."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from booking.web.arguments import id_of, page_number

MOST_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """Search words, whether retired things are wanted instead of live ones, and the page from 1."""

    q: str
    retired: bool
    number: int


def asked() -> Asked:
    """Return what this request's query says; what cannot be read counts as not said."""
    return Asked(
        request.args.get("q", "").strip()[:MOST_CHARACTERS],
        request.args.get("show") == "retired",
        page_number(),
    )


def asked_id(name: str) -> int | None:
    """Return the number of a query parameter, None when it is missing or none."""
    return id_of(request.args.get(name))


def page_url(number: int) -> str:
    """Return the address of another page of the list that is being shown."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    return f"{request.script_root}{request.path}?{urlencode([*kept, ('page', number)])}"
