"""Tables of calendars that programs read."""

from booking.feeds.models.feeds import CalendarFeed

__all__ = ["CalendarFeed"]
