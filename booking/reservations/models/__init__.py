"""Reservations, what they hold, and who waits for what they hold."""

from booking.reservations.models.answered import AnswerFile, ReservationAnswer
from booking.reservations.models.booked import (
    FEW,
    LIVE,
    LONG_SECONDS,
    PURPOSES,
    STATUSES,
    Allocation,
    Closure,
    Hold,
    Idempotency,
    PoolNextFree,
    Reservation,
    ReservationGroup,
)
from booking.reservations.models.changes import AllocationChange
from booking.reservations.models.counted import QuotaUse
from booking.reservations.models.drawn import Draw, DrawEntry
from booking.reservations.models.reports import UnitReport
from booking.reservations.models.steps import ApprovalStep
from booking.reservations.models.waiting import WaitlistEntry, WaitlistEvent

__all__ = [
    "FEW",
    "LIVE",
    "LONG_SECONDS",
    "PURPOSES",
    "STATUSES",
    "Allocation",
    "AllocationChange",
    "AnswerFile",
    "ApprovalStep",
    "Closure",
    "Draw",
    "DrawEntry",
    "Hold",
    "Idempotency",
    "PoolNextFree",
    "QuotaUse",
    "Reservation",
    "ReservationAnswer",
    "ReservationGroup",
    "UnitReport",
    "WaitlistEntry",
    "WaitlistEvent",
]
