"""The rules of a pool: each a value and where it is set. What each may be is in `registry`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from booking.core.hours import WeeklyHours

T = TypeVar("T")
MANAGERS = ("lab_manager", "operator")  # who may override most rules, giving a reason
NEVER = -1  # of a latest time: never allowed, whatever the time


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """A value and where it is set: default, park, site, category, lab, pool or unit.

    `group` names the group of people whose value it is, as `company:7` or `tag:night`; empty when
    it holds for everyone.
    """

    value: T
    origin: str = "default"
    group: str = ""


@dataclass(frozen=True, slots=True)
class PoolRules:
    """The rules that hold for one pool and one person. Minutes, days, units, hours as named."""

    opening_hours: Rule[WeeklyHours | None] = Rule(None)  # None: always open
    holidays: Rule[str] = Rule("open")  # open: as any day; closed: make-up workdays open instead
    overnight: Rule[bool] = Rule(value=True)  # may run past local midnight
    granularity_minutes: Rule[int] = Rule(15)
    min_minutes: Rule[int] = Rule(15)
    max_minutes: Rule[int] = Rule(24 * 60)
    horizon_days: Rule[int] = Rule(60)  # create-earliest: how far ahead bookings open
    # Minutes before the start until which it may be made, changed, cancelled; None: until then
    # and after it, as the life of a reservation allows; NEVER: not at all.
    create_latest_minutes: Rule[int | None] = Rule(None)
    edit_latest_minutes: Rule[int | None] = Rule(None)
    cancel_latest_minutes: Rule[int | None] = Rule(None)
    warmup_minutes: Rule[int] = Rule(0)
    cleanup_minutes: Rule[int] = Rule(0)
    share_buffers: Rule[bool] = Rule(value=False)  # between neighbours of one person or one chain
    merge_minutes: Rule[int | None] = Rule(None)  # own neighbours this near become one; None: off
    early_start_minutes: Rule[int] = Rule(0)  # before the start, if nothing is in the way
    own_gap_minutes: Rule[int] = Rule(0)  # between one's own reservations of the pool
    one_at_a_time: Rule[bool] = Rule(value=False)  # no other own reservation meanwhile
    max_units: Rule[int] = Rule(20)
    level: Rule[int] = Rule(0)  # qualification needed to operate; 0: none
    # The level needed outside the hours in which the lab is there to help; 0: the same one.
    off_hours_level: Rule[int] = Rule(0)
    staffed_days: Rule[str] = Rule("workdays")  # workdays, six_days, daily
    staffed_from_minute: Rule[int] = Rule(8 * 60 + 30)  # local minutes of the day
    staffed_until_minute: Rule[int] = Rule(17 * 60 + 30)
    purposes: Rule[frozenset[str] | None] = Rule(None)  # None: any
    note_needed: Rule[bool] = Rule(value=False)
    decide_within_hours: Rule[int] = Rule(24)
    company_decides: Rule[bool] = Rule(value=False)  # an admin of the company agrees first
    group_decides: Rule[int] = Rule(0)  # the decider group that agrees last; 0: none
    unit_fixed_hours: Rule[int] = Rule(24)
    check_in: Rule[bool] = Rule(value=False)
    check_in_early_minutes: Rule[int] = Rule(5)
    no_show_minutes: Rule[int] = Rule(30)
    hold_minutes: Rule[int] = Rule(5)  # how long a chosen slot is kept for an open form
    offer_minutes: Rule[int] = Rule(60)  # how long a waitlist offer stands
    priority_after_fault: Rule[bool] = Rule(value=False)
    # Local minute of the day at which the horizon reaches one day further, and for how long the
    # requests for that day are then collected and ranked; 0: at midnight; first come, first served.
    opens_at_minute: Rule[int] = Rule(0)
    fair_opening_minutes: Rule[int] = Rule(0)


DEFAULTS = PoolRules()


def too_late(minutes: int, start: datetime, now: datetime) -> bool:
    """Return whether a latest time of `minutes` before `start` has passed; NEVER always has."""
    return minutes == NEVER or start - timedelta(minutes=minutes) < now.replace(second=0)
