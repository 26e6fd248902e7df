"""Which parameters and fields a request's view reads, noted while it answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict

_read: set[str] = set()


class Noting(ImmutableMultiDict):  # type: ignore[type-arg]
    """A query string or form that notes which names are read."""

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        """Note and return."""
        _read.add(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        """Note and return."""
        _read.add(key)
        return super().getlist(key, *args, **kwargs)

    def __contains__(self, key: object) -> bool:
        """Note and return."""
        _read.add(str(key))
        return super().__contains__(key)


class NotingRequest(Request):
    """A request whose parameters are noted."""

    parameter_storage_class = Noting


@contextmanager
def noted(app: Flask) -> Iterator[set[str]]:
    """Yield the set of the names that requests inside read; empty it between two of them."""
    plain, app.request_class = app.request_class, NotingRequest
    _read.clear()
    try:
        yield _read
    finally:
        app.request_class = plain
