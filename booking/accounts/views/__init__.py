"""Pages of people and of what proves who they are."""

from booking.accounts.views.signing_in import blueprint

__all__ = ["blueprint"]
