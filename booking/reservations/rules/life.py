"""The life of a reservation: what may become what, and what a move needs (DESIGN §7)."""

from datetime import datetime, timedelta
from enum import Enum

from booking.core.errors import WrongState
from booking.core.period import Period

ENDED_CODE = {
    "completed": "already_ended",
    "cancelled": "already_cancelled",
    "rejected": "already_rejected",
    "expired": "already_expired",
    "no_show": "already_missed",
}

# The reason of one that ended because it became part of another, whose reference follows.
BECAME = "→ "

# What can be wrong with less of what was granted. The rest was looked at then, and may be stricter
# today: giving something up is not refused for it, unless it is too late for any change.
OF_LENGTH = frozenset(
    {"too_short", "granularity_start", "granularity_length", "too_late_to_change", "never_changed"}
)


class Move(Enum):
    """How a change of times or quantity is made."""

    KEEP_APPROVAL = "keep_approval"  # within what was approved
    APPLY = "apply"  # at once: still pending, no approval needed, or an approver does it
    WITHDRAW = "withdraw"  # back to the times that stand: what was asked for is taken back
    JOIN = "join"  # one with the own reservation beside the new times
    REQUEST = "request"  # the old times stay approved until it is decided


def require_live(
    status: str, period: Period, now: datetime, decide_by: datetime | None = None
) -> None:
    """Raise WrongState, with a code of its own for each end, unless the reservation is live.

    A request past `decide_by` has expired even while the job that writes it down has not come by.
    """
    if status in ENDED_CODE:
        raise WrongState(ENDED_CODE[status], actual=status)
    if status == "pending" and decide_by is not None and decide_by <= now:
        raise WrongState("already_expired", actual=status)
    if period.end <= now:
        raise WrongState("already_ended", actual=status)


def how_to_move(
    status: str,
    old: Period,
    new: Period,
    old_quantity: int,
    new_quantity: int,
    *,
    needs_approval: bool,
) -> Move:
    """Return how a change is made; `needs_approval` is false for approvers and automatic pools."""
    if status == "pending" or not needs_approval:
        return Move.APPLY
    if is_less(old, new, old_quantity, new_quantity):
        return Move.KEEP_APPROVAL
    return Move.REQUEST


def is_less(old: Period, new: Period, old_quantity: int, new_quantity: int) -> bool:
    """Return whether the new lies within the old: nothing is taken that was not granted."""
    return old.contains(new) and new_quantity <= old_quantity


def decide_by(now: datetime, start: datetime, within_hours: int) -> datetime:
    """Return when an undecided request expires: in `within_hours`, or at its start if earlier."""
    return min(now + timedelta(hours=within_hours), start)


def change_by(now: datetime, old: Period, new: Period, within_hours: int) -> datetime:
    """Return when an undecided change expires: in `within_hours`, or once it cannot be made.

    Another start can be had until the earlier of both; the same start, in a running reservation
    too, until the earlier end.
    """
    same_start = new.start == old.start
    last = min(old.end, new.end) if same_start else min(old.start, new.start)
    return min(now + timedelta(hours=within_hours), last)


def units_final(start: datetime, now: datetime, fixed_hours: int, *, named: bool) -> bool:
    """Return whether the units can no longer change without a breakdown."""
    return named or start - now <= timedelta(hours=fixed_hours)


def reminder_times(
    start: datetime, now: datetime, hours_before: tuple[int, ...]
) -> dict[int, datetime]:
    """Return hours-before → instant for the reminders that still lie ahead."""
    times = {hours: start - timedelta(hours=hours) for hours in hours_before}
    return {hours: at for hours, at in times.items() if at > now}


def shown_status(status: str, period: Period, decide_by: datetime | None, now: datetime) -> str:
    """Return the status as of `now`: what has expired or ended, even if no job wrote it down."""
    if status == "pending" and decide_by is not None and decide_by <= now:
        return "expired"
    if status in ("approved", "in_use") and period.end <= now:
        return "completed"
    return status
