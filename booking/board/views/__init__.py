"""Pages of the timeline."""

from booking.board.views.timeline import blueprint, nav

__all__ = ["blueprint", "nav"]
