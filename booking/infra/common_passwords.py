"""Passwords that everybody tries first: 11,611 from leaks, of 8 characters and more."""

import lzma
from functools import lru_cache
from pathlib import Path

# Licence beside it. 53 KB; read when the first password is set, 5 ms and 1 MiB.
_FILE = Path(__file__).with_name("lists") / "passwords.txt.xz"


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Return the passwords, in lower case."""
    return frozenset(lzma.decompress(_FILE.read_bytes()).decode().split("\n"))
