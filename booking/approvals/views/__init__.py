"""Pages of the inbox: what waits for a decision, and deciding it."""

from booking.approvals.views.inbox import blueprint, nav

__all__ = ["blueprint", "nav"]
