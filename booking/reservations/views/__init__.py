"""Pages of reservations: booking, lists, detail, moving, cancelling, closing units."""

from booking.reservations.views import (
    breakdown,
    care,
    closing,
    listing,
    making,
    moving,
    showing,
    using,
)
from booking.reservations.views.base import blueprint, nav

__all__ = [
    "blueprint",
    "breakdown",
    "care",
    "closing",
    "listing",
    "making",
    "moving",
    "nav",
    "showing",
    "using",
]
