"""Pages of notices: those one reads, and those one writes."""

from booking.notices.views import reading, writing
from booking.notices.views.base import blueprint

__all__ = ("blueprint", "reading", "writing")
