"""Guards that views stand behind; the decisions are the permission table's."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask_login import login_required

from booking.accounts.rules.permissions import Subject, may
from booking.core.errors import NotFound
from booking.web.login import actor

F = TypeVar("F", bound=Callable[..., Any])

signed_in: Callable[[F], F] = login_required


def park_permission(action: str) -> Callable[[F], F]:
    """Return a guard for views about the whole park: signed in, and allowed `action`.

    Anyone else gets the answer of a page that does not exist.
    """

    def guard(view: F) -> F:
        @login_required
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not may(actor(), action, Subject()):
                raise NotFound("page")
            return view(*args, **kwargs)

        return guarded

    return guard
