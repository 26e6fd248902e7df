"""Pages of reservations: booking, lists, detail, moving, cancelling, closing units."""

from booking.reservations.views import (
    answers,
    breakdown,
    care,
    closing,
    draws,
    finding,
    groups,
    keeping,
    listing,
    making,
    moving,
    repeating,
    showing,
    taking,
    together,
    using,
    waiting,
)
from booking.reservations.views.base import blueprint, nav

__all__ = [
    "answers",
    "blueprint",
    "breakdown",
    "care",
    "closing",
    "draws",
    "finding",
    "groups",
    "keeping",
    "listing",
    "making",
    "moving",
    "nav",
    "repeating",
    "showing",
    "taking",
    "together",
    "using",
    "waiting",
]
