"""Rate limits that hold across processes: `limits` counting in our own table."""

import time
from datetime import datetime

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import Text, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from booking.core.errors import TooMany
from booking.core.period import from_epoch, to_epoch
from booking.infra.clock import now
from booking.infra.db import Base, BigInt, Instant, db, is_postgresql, transaction


class RateWindow(Base):
    """Hits counted in one window of one key."""

    __tablename__ = "rate_window"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    hits: Mapped[int] = mapped_column(BigInt)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class DatabaseStorage(Storage):
    """Counters of `limits` in table rate_window; each hit is one short write."""

    STORAGE_SCHEME = ["booking-database"]

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what `limits` may swallow: nothing of ours."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add `amount` to the window's counter and return the new count."""
        moment = now()
        with transaction() as session:
            engine = postgresql if is_postgresql(session) else sqlite
            fresh = {"hits": amount, "expires_at": from_epoch(to_epoch(moment) + int(expiry))}
            session.execute(delete(RateWindow).where(RateWindow.expires_at <= moment))
            statement = (
                engine.insert(RateWindow)
                .values(key=key, **fresh)
                .on_conflict_do_update(
                    index_elements=["key"], set_={"hits": RateWindow.hits + amount}
                )
                .returning(RateWindow.hits)
            )
            return int(session.execute(statement).scalar_one())

    def get(self, key: str) -> int:
        """Return the counter of a window that still runs, else 0."""
        query = select(RateWindow.hits).where(RateWindow.key == key, RateWindow.expires_at > now())
        return int(db.session.execute(query).scalar() or 0)

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in epoch seconds."""
        ends = db.session.execute(select(RateWindow.expires_at).where(RateWindow.key == key))
        moment = ends.scalar()
        return float(to_epoch(moment)) if moment else time.time()

    def check(self) -> bool:
        """Return True: the database is the app's own."""
        return True

    def reset(self) -> int | None:
        """Forget all counters."""
        with transaction() as session:
            session.execute(delete(RateWindow))
        return None

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with transaction() as session:
            session.execute(delete(RateWindow).where(RateWindow.key == key))


_limiter = FixedWindowRateLimiter(DatabaseStorage())


def hit(name: str, who: str, tries: int, seconds: int) -> None:
    """Count one try of `who` at `name`. Raises TooMany above `tries` in `seconds`."""
    item: RateLimitItem = RateLimitItemPerSecond(tries, seconds, namespace=name)
    if not _limiter.hit(item, who):
        reset = _limiter.get_window_stats(item, who).reset_time
        wait = max(1, int(reset - time.time()))
        raise TooMany(from_epoch(int(reset)), wait)


def forgive(name: str, who: str, tries: int, seconds: int) -> None:
    """Forget the tries of `who`, after one that succeeded."""
    _limiter.clear(RateLimitItemPerSecond(tries, seconds, namespace=name), who)
