"""Trying second factors: wherever one is typed or held, counted alike, wrong ones noted."""

from collections.abc import Callable
from typing import TypeVar

from booking.accounts.rules.factors import is_recovery_code
from booking.accounts.services.factors import note_wrong_factor
from booking.core.errors import Invalid
from booking.infra import clock, rate
from booking.infra.db import write
from booking.infra.rate import Limit
from booking.web.devices import device_here

# Of a million codes three are right at a time: this bounds guessing by who has the password.
CODE, TRIES, WINDOW_SECONDS = "second-factor", 5, 300
DAY, TRIES_A_DAY = 86_400, 30
WRONG = "wrong-factor"
# What a proof that is wrong is refused with; any other refusal says nothing of who asks.
WRONG_PROOFS = frozenset({"wrong_factor_code", "passkey_unproven", "passkey_unknown"})
T = TypeVar("T")


def tried(user_id: int, what: str, work: Callable[[], T]) -> T:
    """Return what `work` returns, which proves a second factor of this person.

    Tries are counted until one is right; a wrong one is noted, and told once there are several.
    Raises TooMany and what `work` does.
    """
    count_code(user_id)
    try:
        done = work()
    except Invalid as refusal:
        note_wrong(user_id, what, refusal)
        raise
    forgive_code(user_id)
    return done


def note_wrong(user_id: int, what: str, refusal: Invalid) -> None:
    """Note a try that failed, where it failed by its proof."""
    if refusal.code not in WRONG_PROOFS:
        return
    today, device, now = rate.tally(WRONG, str(user_id), DAY), device_here(), clock.now()
    write(lambda s: note_wrong_factor(s, user_id, what, device, today, now))


def kind_of(typed: str) -> str:
    """Return what a typed code is tried as."""
    return "recovery_code" if is_recovery_code(typed) else "authenticator"


def count_code(user_id: int) -> None:
    """Count a try at a person's codes. Raises TooMany."""
    rate.hit_all(_code_limits(user_id))


def forgive_code(user_id: int) -> None:
    """Forget the tries of a person whose code was right."""
    rate.forgive_all(_code_limits(user_id))


def _code_limits(user_id: int) -> tuple[Limit, ...]:
    return (
        Limit(f"{CODE}-day", str(user_id), TRIES_A_DAY, DAY),
        Limit(CODE, str(user_id), TRIES, WINDOW_SECONDS),
    )
