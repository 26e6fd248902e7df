"""Who sees a pool and when it is shared (DESIGN §1, Contribution)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from booking.accounts.rules.permissions import may
from booking.core.actor import Actor
from booking.core.hours import WeeklyHours
from booking.core.period import Period, subtract


@dataclass(frozen=True, slots=True)
class Sharing:
    """A live contribution: from, until (None: no end), shared weekly hours (None: always)."""

    from_at: datetime
    until_at: datetime | None
    hours: WeeklyHours | None
    paused_from: datetime | None = None
    paused_until: datetime | None = None  # None while paused: until further notice

    def covers(self, moment: datetime) -> bool:
        """Return whether the agreement runs at `moment`."""
        return self.from_at <= moment and (self.until_at is None or moment < self.until_at)

    def holds(self, period: Period, zone: ZoneInfo) -> bool:
        """Return whether the agreement and its weekly hours hold all of `period`."""
        if not self.agreed(period) or self.paused(period):
            return False
        return self.hours is None or self.hours.contains(period, zone)

    def agreed(self, period: Period) -> bool:
        """Return whether all of `period` lies in the agreement's days."""
        return self.from_at <= period.start and not (self.until_at and period.end > self.until_at)

    def pause_from(self, now: datetime) -> datetime | None:
        """Return since or from when it is paused; None without a pause that is not over."""
        if self.paused_until is not None and self.paused_until <= now:
            return None
        return self.paused_from

    def paused(self, period: Period) -> bool:
        """Return whether the institution has paused the agreement at any time of `period`."""
        if self.paused_from is None or period.end <= self.paused_from:
            return False
        return self.paused_until is None or period.start < self.paused_until

    def spans(self, within: Period) -> list[Period]:
        """Return the parts of `within` in which the agreement runs and is not paused."""
        start, ends = max(within.start, self.from_at), min(within.end, self.until_at or within.end)
        if start >= ends:
            return []
        pause_from, pause_until = self.paused_from, self.paused_until or ends
        if pause_from is None or pause_from >= pause_until:
            return [Period(start, ends)]
        return subtract(Period(start, ends), [Period(pause_from, pause_until)])


def is_insider(actor: Actor, institution_id: int, lab_id: int) -> bool:
    """Return whether the pool is the actor's own: its institution's, its lab's, or any."""
    own = institution_id in actor.institution_ids or lab_id in actor.labs
    return own or (actor.park_role is not None and may(actor, "pool.see_unshared"))


def sees_pool(
    actor: Actor, institution_id: int, lab_id: int, sharing: Sharing | None, now: datetime
) -> bool:
    """Return whether the pool exists for this actor; `queries.catalogue` says the same in SQL."""
    if is_insider(actor, institution_id, lab_id):
        return True
    return sharing is not None and sharing.covers(now)
