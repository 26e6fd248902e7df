"""What is on at a unit: now, next, and what is free between. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.accounts.rules.permissions import Subject
from booking.core.period import Period

BEHIND = timedelta(hours=12)  # in which a use without check-out is still worth a look
AHEAD = timedelta(hours=24)  # how far "next" looks


@dataclass(frozen=True, slots=True)
class Block:
    """What holds a unit for a time, as shown: a reservation, a closure (`reason`) or a hold."""

    kind: str
    period: Period
    reason: str = ""
    reservation_id: int = 0
    status: str = ""
    version: int = 0
    person: str = ""
    party: tuple[str, str] = ("", "")
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class AtHand:
    """What is on at a unit now and what comes next, if anything within AHEAD."""

    now: Block | None
    next: Block | None
    free: Period | None  # between the two; of it nothing is left when they meet


def at_hand(blocks: Sequence[Block], now: datetime) -> AtHand:
    """Return what is on at `now` and next; `blocks` in order, without overlaps.

    Free time without anything next ends with AHEAD.
    """
    running = next((b for b in blocks if b.period.start <= now < b.period.end), None)
    coming = next((b for b in blocks if b.period.start > now), None)
    start = running.period.end if running else now
    end = coming.period.start if coming else now + AHEAD
    return AtHand(running, coming, Period(start, end) if end > start else None)
