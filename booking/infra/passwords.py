"""Password hashing with argon2id, bounded so that sign-ins cannot starve the machine."""

import secrets
import threading
from functools import lru_cache
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

# Each verification takes 19 MiB and a core for some 20 ms: two at once, the rest wait (DESIGN §11).
_AT_ONCE = threading.BoundedSemaphore(2)

# What may be stored: its own type, so that a password is never taken for its hash.
Hashed = NewType("Hashed", str)


def hash_password(password: str) -> Hashed:
    """Return the argon2id hash of `password`, parameters and salt included.

    Not to be called inside `infra.db.transaction()`: nobody else could write meanwhile.
    """
    with _AT_ONCE:
        return Hashed(_hasher().hash(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Return whether `password` matches; without a stored hash the same work is done for nothing.

    That keeps the time of an unknown account like that of a known one.
    """
    with _AT_ONCE:
        nobodys = _nobodys_hash()  # whoever comes first: it is made once a process
        try:
            matches = _hasher().verify(stored or nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
    return bool(matches and stored)


def _hasher() -> PasswordHasher:
    return _hasher_for(
        current_app.config["ARGON2_MEMORY_KIB"],
        current_app.config["ARGON2_PASSES"],
        current_app.config["ARGON2_LANES"],
    )


@lru_cache
def _hasher_for(memory_kib: int, passes: int, lanes: int) -> PasswordHasher:
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)


@lru_cache
def _hash_of_nothing(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_hex(16))


def _nobodys_hash() -> str:
    return _hash_of_nothing(_hasher())
