"""Pages of the audit: the park's for the operator, a company's own, an instrument group's own."""

from booking.audit.views import lists
from booking.audit.views.base import blueprint

__all__ = ("blueprint", "lists")  # the blueprint, with the routes beside it
