"""People and what proves who they are."""

from booking.accounts.models.people import ApiToken, OneTimeLink, User, UserSession

__all__ = ["ApiToken", "OneTimeLink", "User", "UserSession"]
