"""The blueprint of API operations: each names its scope, and documents what it may answer."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import flask_smorest
from werkzeug.routing import BaseConverter

from booking.web.api.guard import require
from booking.web.api.reading import Reader

PREFIX = "/api/v1"
ALWAYS = (401, 403, 429, 503)
View = Callable[..., Any]


class IdConverter(BaseConverter):
    """`<id:…>` in rules: an id the database could hold. All else is answered like a missing id.

    Werkzeug's `int` with limits will not do: beyond them it answers 405 to other methods.
    """

    regex = "[1-9][0-9]{0,17}"
    part_isolating = True

    def to_python(self, value: str) -> int:
        """Return the number."""
        return int(value)


class Blueprint(flask_smorest.Blueprint):
    """Operations of one kind below /api/v1. Paging is in the body, versions are our own."""

    ARGUMENTS_PARSER = Reader()
    PAGINATION_HEADER_NAME = None

    def __init__(self, name: str, import_name: str, description: str) -> None:
        super().__init__(name, import_name, url_prefix=PREFIX, description=description)

    def operation(
        self, rule: str, *, scope: str, errors: tuple[int, ...] = (), method: str = "GET"
    ) -> Callable[[View], View]:
        """Return a decorator that serves a view to tokens with `scope`, before anything is read.

        `errors` are the refusals it may answer besides those of every operation.
        """

        def decorate(view: View) -> View:
            for status in sorted({*ALWAYS, *errors}):
                view = self.alt_response(status, response=HTTPStatus(status).name)(view)
            name = f"{self.name.removeprefix('api_')}.{view.__name__}"
            view = self.doc(operationId=name, security=[{"token": [scope]}])(view)

            @wraps(view)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                require(scope)
                return view(*args, **kwargs)

            return self.route(rule, methods=[method])(guarded)

        return decorate
