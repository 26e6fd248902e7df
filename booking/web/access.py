"""Guards that views stand behind; the decisions are the permission table's."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, request
from flask_login import login_required

from booking.accounts.rules.permissions import may, may_look
from booking.core.actor import Actor
from booking.core.errors import Forbidden, NotFound
from booking.web.login import actor, optional_actor

F = TypeVar("F", bound=Callable[..., Any])

SAFE = ("GET", "HEAD", "OPTIONS")
# Blueprints on which everybody looks after their own account, an auditor too.
OWN_ACCOUNT = {"accounts", "elsewhere", "privacy", "shell", "sms", "tokens", "ways"}
signed_in: Callable[[F], F] = login_required


def park_permission(action: str) -> Callable[[F], F]:
    """Return a guard for views about the whole park: signed in, and allowed `action`.

    Reading them takes no more than `may_look`. Anyone else gets the answer of a page that does
    not exist.
    """

    def guard(view: F) -> F:
        @login_required
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            allowed = may_look if request.method in SAFE else may
            if not allowed(actor(), action):
                raise NotFound("page")
            return view(*args, **kwargs)

        return guarded

    return guard


def sees_park_pages(who: Actor) -> bool:
    """Return whether the park's pages are part of what the person works with."""
    return may(who, "park.read")


def init_app(app: Flask) -> None:
    """Refuse whatever an auditor sends, but for their own account; the API's guard does so too."""

    @app.before_request
    def refuse_readers() -> None:
        own = request.blueprint in OWN_ACCOUNT or request.endpoint is None
        if request.method in SAFE or own or request.path.startswith("/api/"):
            return
        who = optional_actor()
        if who is not None and who.reads_only:
            raise Forbidden("reads_only")
