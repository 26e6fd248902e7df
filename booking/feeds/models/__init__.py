"""Tables of calendars that programs read, and of those read from others."""

from booking.feeds.models.busy import BusyCalendar, BusyTime
from booking.feeds.models.feeds import CalendarFeed

__all__ = ["BusyCalendar", "BusyTime", "CalendarFeed"]
