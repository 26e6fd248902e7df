"""Pages and addresses of calendars: a person's feeds, the feeds themselves, one reservation."""

from booking.feeds.views import busy, dav, own, reading
from booking.feeds.views.base import blueprint

__all__ = ["blueprint", "busy", "dav", "own", "reading"]
