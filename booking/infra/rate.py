"""Rate limits that hold across processes: counted in our own table, or in Redis by a setting.

Two ways to count. `hit` writes each try down at once: exact, for what must be (sign-in, codes,
invitations). `spend` counts in memory and writes a tenth of a limit at a time: for what is asked
often and only has to be bounded (searches, API calls). With P processes at most
`tries + P * tries / 10` pass in a window; who asks rarely is never written down at all.

Windows begin at whole multiples of their length, so that all processes agree on them. Who is
counted is stored as a hash: the table names nobody.
"""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from flask import current_app, g, has_request_context
from sqlalchemy import Engine, Text, case, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from booking.core.errors import Busy, Refusal, TooMany
from booking.core.period import from_epoch, to_epoch
from booking.infra.clock import now
from booking.infra.db import Base, BigInt, Instant, db, is_postgresql, write
from booking.infra.late import late

# `spend` writes down this part of a limit at a time.
PARTS = 10
REDIS_SECONDS = 0.5  # a Redis that is silent for longer is down
REDIS_PREFIX = "booking:rate:"


class RateWindow(Base):
    """Hits counted in one window of one key."""

    __tablename__ = "rate_window"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    hits: Mapped[int] = mapped_column(BigInt)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` of `who` at `name` in `seconds`; no tries: no limit."""

    name: str
    who: str
    tries: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a limit that runs now."""

    key: str
    ends: datetime


class Store(Protocol):
    """Where counts are kept for all processes."""

    def add(self, windows: Sequence[Window], amount: int) -> list[int]:
        """Add to each window, in one write, and return their counts, in order."""

    def drop(self, windows: Sequence[Window]) -> None:
        """Forget the counts."""


class DatabaseStore:
    """Counts in table rate_window."""

    def add(self, windows: Sequence[Window], amount: int) -> list[int]:
        """Add to each window, in one write, and return their counts, in order."""
        # In one order everywhere, or two processes would wait for each other's rows.
        rows = [
            {"key": w.key, "hits": amount, "expires_at": w.ends}
            for w in sorted(windows, key=lambda w: w.key)
        ]

        def work(session: Session) -> dict[str, int]:
            engine = postgresql if is_postgresql(session) else sqlite
            insert = engine.insert(RateWindow).values(rows)
            counted = case(
                (RateWindow.expires_at <= now(), insert.excluded.hits),
                else_=RateWindow.hits + insert.excluded.hits,
            )
            statement = insert.on_conflict_do_update(
                index_elements=["key"],
                set_={"hits": counted, "expires_at": insert.excluded.expires_at},
            ).returning(RateWindow.key, RateWindow.hits)
            return {row.key: row.hits for row in session.execute(statement)}

        counts = write(work)
        return [counts[window.key] for window in windows]

    def drop(self, windows: Sequence[Window]) -> None:
        """Forget the counts."""
        keys = [window.key for window in windows]
        write(lambda session: session.execute(delete(RateWindow).where(RateWindow.key.in_(keys))))


class RedisStore:
    """Counts in Redis, which forgets windows by itself. Raises Busy when it cannot be asked."""

    def __init__(self, url: str) -> None:
        # Late: only a park that has a Redis needs the client.
        self._errors = late("redis.exceptions").RedisError
        self._redis: Any = late("redis").Redis.from_url(
            url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        )

    def add(self, windows: Sequence[Window], amount: int) -> list[int]:
        """Add to each window, in one write, and return their counts, in order."""
        line = self._redis.pipeline(transaction=True)
        for window in windows:
            line.incrby(REDIS_PREFIX + window.key, amount)
        for window in windows:
            seconds = max(1, int((window.ends - now()).total_seconds()) + 1)
            line.expire(REDIS_PREFIX + window.key, seconds)
        try:
            return [int(count) for count in line.execute()[: len(windows)]]
        except self._errors as error:
            raise Busy from error

    def drop(self, windows: Sequence[Window]) -> None:
        """Forget the counts."""
        try:
            self._redis.delete(*(REDIS_PREFIX + window.key for window in windows))
        except self._errors as error:
            raise Busy from error


@dataclass(slots=True)
class _Count:
    """What this process knows of a window: what all have written down, and what it has not yet."""

    shared: int = 0
    unsent: int = 0


class _Counts:
    """Counts of the windows that run now; those of a length that are over go all at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._by_end: dict[int, tuple[datetime, dict[str, _Count]]] = {}

    def of(self, window: Window, seconds: int) -> _Count:
        """Return the count of a window. The caller holds the lock."""
        ends, counts = self._by_end.get(seconds, (None, {}))
        if ends != window.ends:
            counts = {}
            self._by_end[seconds] = (window.ends, counts)
        return counts.setdefault(window.key, _Count())


_COUNTS: WeakKeyDictionary[Engine, _Counts] = WeakKeyDictionary()
_STORES: WeakKeyDictionary[Engine, Store] = WeakKeyDictionary()


def hit(name: str, who: str, tries: int, seconds: int) -> None:
    """Count one try of `who` at `name`. Raises TooMany above `tries` in `seconds`."""
    hit_all((Limit(name, who, tries, seconds),))


def tally(name: str, who: str, seconds: int) -> int:
    """Count something of `who` that nothing is refused for; return how many in this window."""
    return _store().add([_window(Limit(name, who, 0, seconds))], 1)[0]


def hit_all(limits: Sequence[Limit]) -> None:
    """Count one try against each limit, in one short write.

    Raises TooMany with the longest wait when any is exceeded, Busy when nothing can be counted.
    """
    kept = [limit for limit in limits if limit.tries > 0]
    if not kept:
        return
    windows = [_window(limit) for limit in kept]
    counts = _store().add(windows, 1)
    over = [w.ends for w, n, limit in zip(windows, counts, kept, strict=True) if n > limit.tries]
    if over:
        _refuse(max(over))


def forgive(name: str, who: str, tries: int, seconds: int) -> None:
    """Forget the tries of `who`, after one that succeeded."""
    forgive_all((Limit(name, who, tries, seconds),))


def forgive_all(limits: Sequence[Limit]) -> None:
    """Forget the tries against each limit, in one short write."""
    _store().drop([_window(limit) for limit in limits])


def spend(limit: Limit) -> None:
    """Count one call against `limit`, in memory; written down a tenth of it at a time.

    Raises TooMany above it. That it could not be written down is nobody's trouble.
    """
    if limit.tries <= 0:
        return
    window = _window(limit)
    counts = _COUNTS.setdefault(db.engine, _Counts())
    with counts.lock:
        count = counts.of(window, limit.seconds)
        count.unsent += 1
        over = count.shared + count.unsent > limit.tries
        due = count.unsent if not over and count.unsent >= max(1, limit.tries // PARTS) else 0
        count.unsent -= due
        count.shared += due
    if over:
        _refuse(window.ends)
    if due:
        _share(counts, count, window, due)


def forget_ended() -> None:
    """Delete the windows that are over; for a job."""
    write(lambda s: s.execute(delete(RateWindow).where(RateWindow.expires_at <= now())))


def _share(counts: _Counts, count: _Count, window: Window, due: int) -> None:
    try:
        [shared] = _store().add([window], due)
    except (SQLAlchemyError, Refusal):
        current_app.logger.info("rate bookkeeping skipped")
        return
    with counts.lock:
        count.shared = max(count.shared, shared)


def _store() -> Store:
    store = _STORES.get(db.engine)
    if store is None:
        url = current_app.config["RATE_REDIS_URL"]
        store = _STORES[db.engine] = RedisStore(url) if url else DatabaseStore()
    return store


def _window(limit: Limit) -> Window:
    number = to_epoch(now()) // limit.seconds
    who = hashlib.sha256(limit.who.encode("utf-8", "replace")).hexdigest()[:32]
    key = f"{limit.name}:{limit.seconds}:{number}:{who}"
    return Window(key, from_epoch((number + 1) * limit.seconds))


def _refuse(until: datetime) -> None:
    wait = max(1, int((until - now()).total_seconds()))
    if has_request_context():
        g.rate_wait = wait  # for pages that say it in their own words
    raise TooMany(until, wait)
