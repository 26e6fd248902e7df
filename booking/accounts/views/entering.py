"""The one way in: whatever proved the first factor, the second one is asked for here."""

from collections.abc import Callable

from flask import redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from booking.accounts.services.entering import enter
from booking.accounts.services.steps import SECOND_FACTOR
from booking.infra import clock
from booking.infra.db import write
from booking.web import login
from booking.web.devices import device_here


def entered(
    work: Callable[[Session], int], target: str, *, how: str, strong: bool = False
) -> Response:
    """Sign in the person whose id `work` returns and lead to `target`, or ask the second factor.

    For every kind of sign-in, once its first factor is proven: `work` does in the same transaction
    what belongs to it (using up a link, linking an identity) and may raise refusals. `how` is a
    word for the audit: password, link, sms, oidc, wecom, passkey. `strong` says that both factors
    are proven already, as by a passkey or by an issuer that vouches for two. `target` is a path of
    `safe_next`. Raises NotFound for a person who has left.
    """
    now, device = clock.now(), device_here()
    entry = write(lambda s: enter(s, work(s), device, now, how=how, strong=strong))
    if entry.complete:
        login.sign_in(entry.token)
        return redirect(target)
    login.keep_step(SECOND_FACTOR, entry.token)
    return redirect(url_for("accounts.second_factor", next=target))
