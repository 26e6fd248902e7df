"""Memory of a server's threads: shared where the C library is glibc."""

import platform

from booking.infra.memory import share_arenas


def test_arenas_are_shared_where_there_are_any():
    assert share_arenas() == (platform.libc_ver()[0] == "glibc")
