"""Second factors: of whom one is asked, from when nothing else works, and what codes look like."""

import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.core.actor import Actor
from booking.core.text import one_line

STEP_SECONDS = 30
STEPS_AROUND = 1  # clocks of telephones are up to half a minute wrong
CODE_DIGITS = 6
RECOVERY_CODES = 10
# 120 bits, so that a plain hash protects them (ASVS 5.0 V6.5.2 asks for 112).
RECOVERY_CHARACTERS = 24
RECOVERY_GROUP = 6
MOST_PASSKEYS = 20
# So many wrong proofs in a day, and the person is told, once that day: as many as can be made
# in one go.
WRONG_UNTIL_TOLD = 5
LONGEST_PASSKEY_NAME = 60
# Days before the deadline on which it is brought to mind once more.
REMINDED_DAYS = (7, 1)
MOST_GRACE_DAYS = 90
# What `BOOKING_SECOND_FACTOR_ROLES` may name.
ROLES = (
    "operator", "administrator", "auditor", "lab_manager", "company_admin", "finance",
    "representative",
)  # fmt: skip


def roles_of(actor: Actor) -> frozenset[str]:
    """Return the words of ROLES that the person is anywhere."""
    found = set((actor.park_role or "").split())
    if actor.managed_lab_ids:
        found.add("lab_manager")
    for party in actor.parties:
        if "admin" in party.roles and party.company_id is not None:
            found.add("company_admin")
        found |= party.roles & {"finance", "representative"}
    return frozenset(found) & set(ROLES)


@dataclass(frozen=True, slots=True)
class Required:
    """Of which roles a second factor is asked; from a day on, and after days of grace."""

    roles: frozenset[str]
    from_at: datetime | None  # None: from the first sign-in on
    grace_days: int


def deadline(required: Required, asked_at: datetime | None) -> datetime | None:
    """Return from when on a person sees nothing but how to add a second factor.

    `asked_at`: when they first signed in without one, None for not yet. None: nobody can tell,
    before their first sign-in.
    """
    if asked_at is None:
        return required.from_at
    own = asked_at + timedelta(days=required.grace_days)
    return own if required.from_at is None else max(own, required.from_at)


def reminder_stage(left: timedelta) -> int:
    """Return which of the letters is due with so much time left: days of REMINDED_DAYS, else 0."""
    return next((days for days in sorted(REMINDED_DAYS) if left <= timedelta(days=days)), 0)


def step_of(code_at: Callable[[int], str], code: str, now: datetime, last: int) -> int | None:
    """Return the time step later than `last` in which `code` is shown, None when there is none.

    `code_at` gives the code of a step. Every step is compared, so that the time taken tells
    nothing.
    """
    here = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(here - STEPS_AROUND, here + STEPS_AROUND + 1):
        if hmac.compare_digest(code_at(step).encode(), code.encode()) and step > last:
            found = step
    return found


def digits_of(typed: str) -> str:
    """Return the digits of a code as typed, with or without gaps."""
    return "".join(typed.split()).replace("-", "")


def recovery_code_of(typed: str) -> str:
    """Return a recovery code as it is hashed: capital letters, no gaps, mixed-up letters set."""
    plain = "".join(c for c in typed.upper() if c.isalnum())
    return plain.translate(str.maketrans("OIL", "011"))


def shown_code(code: str) -> str:
    """Return a recovery code as it is shown: in groups."""
    groups = range(0, len(code), RECOVERY_GROUP)
    return "-".join(code[at : at + RECOVERY_GROUP] for at in groups)


def is_recovery_code(typed: str) -> bool:
    """Return whether what was typed has a recovery code's length."""
    return len(recovery_code_of(typed)) == RECOVERY_CHARACTERS


def passkey_name(wanted: str) -> str:
    """Return a passkey's name as it is kept: in one line, of at most 60 characters."""
    return one_line(wanted)[:LONGEST_PASSKEY_NAME]


def free_name(wanted: str, taken: Collection[str], otherwise: str) -> str:
    """Return the name for a new passkey: as wanted, else `otherwise` numbered."""
    name = passkey_name(wanted)
    if name:
        return name
    number = len(taken) + 1
    while f"{otherwise} {number}" in taken:
        number += 1
    return f"{otherwise} {number}"
