"""Turns of the processes that write one SQLite file: first come, first served, and not for ever.

The queue is `flock` on a file beside the database, so the kernel keeps the order and a killed
writer's turn ends with it. `flock` knows no timeout: where it has to wait, it waits in a thread of
its own, which whoever asked may give up.
"""

import contextlib
import os
import threading
import time
from collections.abc import Iterator

from booking.core.errors import Busy

try:
    import fcntl
except ImportError:  # Windows: writers then queue inside SQLite, less fairly
    fcntl = None  # type: ignore[assignment]


class Turns:
    """The queue of one lock file, as this process stands in it: with one thread at a time."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._first = threading.Lock()
        self._asked: _Asked | None = None  # what the last one gave up, still waiting

    @contextlib.contextmanager
    def turn(self, seconds: float) -> Iterator[None]:
        """Have the turn inside. Raises Busy when it does not come within `seconds`."""
        if fcntl is None:
            yield
            return
        until = time.monotonic() + seconds
        if not self._first.acquire(timeout=seconds):
            raise Busy
        try:
            handle = self._take(until)
            try:
                yield
            finally:
                os.close(handle)
        finally:
            self._first.release()

    def _take(self, until: float) -> int:
        """Return the open file that holds the lock."""
        asked = self._asked
        if asked is None or not asked.resumed():
            handle = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                asked = self._asked = _Asked(handle)
            else:
                return handle
        if not asked.granted(until - time.monotonic()):
            raise Busy
        self._asked = None
        return asked.handle


class _Asked:
    """A wait for the lock; once given up, what comes is given back unless somebody resumed."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self._wanted, self._has = True, False
        self._mutex, self._came = threading.Lock(), threading.Event()
        threading.Thread(target=self._wait, name="turn", daemon=True).start()

    def granted(self, seconds: float) -> bool:
        """Return whether the lock came within `seconds`; else it is given up."""
        self._came.wait(seconds)
        with self._mutex:
            self._wanted = self._has
            return self._has

    def resumed(self) -> bool:
        """Return whether a wait that was given up still goes on; it is wanted again."""
        with self._mutex:
            self._wanted = not self._has
            return self._wanted

    def _wait(self) -> None:
        fcntl.flock(self.handle, fcntl.LOCK_EX)
        with self._mutex:
            self._has = True
            if not self._wanted:
                os.close(self.handle)
        self._came.set()
