"""Pages of the inbox: what waits for a decision, and deciding it, there or by a mail's link."""

from booking.approvals.views import link
from booking.approvals.views.inbox import blueprint, nav

__all__ = ["blueprint", "link", "nav"]
