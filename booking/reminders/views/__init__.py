"""Pages of the delivery log: what was sent, what failed, and sending it again."""

from booking.reminders.views.log import blueprint, nav

__all__ = ["blueprint", "nav"]
