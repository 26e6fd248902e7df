"""How the C library hands out memory to the threads of a server."""

import ctypes

_M_ARENA_MAX = -8  # malloc.h of glibc
ARENAS = 2


def share_arenas() -> bool:
    """Let all threads share two arenas; return whether that could be said, as to glibc.

    Else each thread keeps what it once needed: with 16, 25 MB after 50 bookings and searches.
    They take turns in Python anyway. To be called before there are threads.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS))
    except (AttributeError, OSError, TypeError):  # another C library, or Windows
        return False
