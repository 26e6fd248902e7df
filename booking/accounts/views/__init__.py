"""Pages of people and of what proves who they are."""

from booking.accounts.views import (
    authenticator,
    desk,
    emails,
    passkeys,
    passwords,
    proving,
    security,
)
from booking.accounts.views.signing_in import blueprint

__all__ = [
    "authenticator", "blueprint", "desk", "emails", "passkeys", "passwords", "proving", "security",
]  # fmt: skip
