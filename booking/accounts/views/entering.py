"""The one way in, whatever proved who somebody is."""

from collections.abc import Callable

from flask import redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.accounts.services.sessions import start_session
from booking.infra import clock
from booking.infra.db import write
from booking.web import login


def entered(
    work: Callable[[Session], int], target: str, *, how: str, strong: bool = False
) -> Response:
    """Sign in the person whose id `work` returns, in the same transaction, and lead to `target`."""
    now, address, agent = clock.now(), request.remote_addr or "", request.user_agent.string
    login.sign_in(write(lambda s: start_session(s, work(s), address, agent, now)))
    return redirect(target)
