"""People and what proves who they are."""

from booking.accounts.models.identities import Identity, Mobile, SmsCode, SpentState
from booking.accounts.models.people import ApiToken, OneTimeLink, User, UserSession

__all__ = [
    "ApiToken",
    "Identity",
    "Mobile",
    "OneTimeLink",
    "SmsCode",
    "SpentState",
    "User",
    "UserSession",
]
