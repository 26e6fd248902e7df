"""People and what proves who they are."""

from booking.accounts.models.factors import (
    Authenticator,
    BegunStep,
    FactorPolicy,
    Passkey,
    RecoveryCode,
    ResetRequest,
    WrongPassword,
)
from booking.accounts.models.identities import Identity, Mobile, SmsCode, SpentState
from booking.accounts.models.people import ApiToken, KnownDevice, OneTimeLink, User, UserSession

__all__ = [
    "ApiToken",
    "Authenticator",
    "BegunStep",
    "FactorPolicy",
    "Identity",
    "KnownDevice",
    "Mobile",
    "OneTimeLink",
    "Passkey",
    "RecoveryCode",
    "ResetRequest",
    "SmsCode",
    "SpentState",
    "User",
    "UserSession",
    "WrongPassword",
]
