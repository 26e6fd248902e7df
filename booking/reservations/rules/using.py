"""When a reservation may be begun, ended, made longer, and when nobody has come. Pure."""

from datetime import datetime, timedelta

from booking.core.errors import WrongState
from booking.core.period import Period
from booking.policies.rules.values import PoolRules

MINUTE = timedelta(minutes=1)
# What a longer time may break. The grid and the deadlines are of planning ahead; the rest was
# looked at when it was granted.
OF_LONGER = (
    "too_long", "closed_hours", "holiday", "overnight", "not_shared", "sharing_paused",
    "outside_shared_hours", "gap_", "one_at_a_time", "level_", "quota_",
)  # fmt: skip
LOOKED_BACK = timedelta(days=2)  # what ended before is no longer asked whether somebody came


def require_check_in(status: str, period: Period, rules: PoolRules, now: datetime) -> None:
    """Raise WrongState, with a code of its own, unless it may be checked in now."""
    if not rules.check_in.value:
        raise WrongState("no_check_in", actual=status)
    if status == "in_use":
        raise WrongState("already_checked_in", actual=status)
    if status != "approved":
        raise WrongState("not_approved", actual=status)
    opens = period.start - timedelta(minutes=rules.check_in_early_minutes.value)
    if now < opens:
        raise WrongState("too_early", limit=rules.check_in_early_minutes.value)
    if now >= missed_at(period, rules):
        raise WrongState("already_missed", actual=status)


def may_check_in(status: str, period: Period, rules: PoolRules, now: datetime) -> bool:
    """Return whether `require_check_in` would let it pass."""
    try:
        require_check_in(status, period, rules, now)
    except WrongState:
        return False
    return True


def missed_at(period: Period, rules: PoolRules) -> datetime:
    """Return when it counts as a no-show: some minutes after its start, at latest at its end."""
    return min(period.start + timedelta(minutes=rules.no_show_minutes.value), period.end)


def require_early_start(status: str, period: Period, rules: PoolRules, now: datetime) -> None:
    """Raise WrongState, with a code of its own, unless it may start now, before its time."""
    minutes = rules.early_start_minutes.value
    if not minutes:
        raise WrongState("no_early_start", actual=status)
    if status not in ("approved", "in_use"):
        raise WrongState("not_approved", actual=status)
    if period.start <= now:
        raise WrongState("already_started", actual=status)
    if now < early_from(period, rules):
        raise WrongState("too_early_to_start", limit=minutes)


def early_from(period: Period, rules: PoolRules) -> datetime:
    """Return from when it may start if its units are free."""
    return period.start - timedelta(minutes=rules.early_start_minutes.value)


def started_now(period: Period, now: datetime) -> Period:
    """Return the period from this minute on."""
    return Period(min(now.replace(second=0, microsecond=0), period.start), period.end)


def is_running(status: str, period: Period, rules: PoolRules, now: datetime) -> bool:
    """Return whether it is in use: checked in, or begun where nobody checks in."""
    if status == "in_use":
        return now < period.end
    return status == "approved" and not rules.check_in.value and period.start <= now < period.end


def ended_now(period: Period, now: datetime) -> Period:
    """Return the period ended now: in whole minutes, at least one, never longer than it was."""
    up = now.replace(second=0, microsecond=0)
    if up < now:
        up += MINUTE
    return Period(period.start, min(max(up, period.start + MINUTE), period.end))


def longest(
    period: Period, rules: PoolRules, next_blocks: list[datetime], cleanup_minutes: int
) -> datetime:
    """Return the latest end it can be made longer to, on its grid of lengths.

    `next_blocks`: when the next thing on any of its units begins. Its own end when nothing is left.
    """
    last = period.start + timedelta(minutes=rules.max_minutes.value)
    for block in next_blocks:
        last = min(last, block - timedelta(minutes=cleanup_minutes))
    step = rules.granularity_minutes.value
    minutes = int((last - period.start) / MINUTE) // step * step
    return max(period.start + timedelta(minutes=minutes), period.end)
