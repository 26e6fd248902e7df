"""Pages of privacy: the policy, one's own data, requests to be erased."""

from booking.privacy.views import own, policy
from booking.privacy.views.base import blueprint

__all__ = ("blueprint", "own", "policy")  # the blueprint, with the routes beside it
