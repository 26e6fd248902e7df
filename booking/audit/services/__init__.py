"""Writing audit rows with the change they report, and sealing them afterwards."""

from booking.audit.services.recording import add, change, from_where, record

__all__ = ["add", "change", "from_where", "record"]
