"""Pages of privacy: the policy, one's own data, requests to be erased."""

from booking.privacy.views import operator, own, policy
from booking.privacy.views.base import blueprint

__all__ = ("blueprint", "operator", "own", "policy")  # the blueprint, with the routes beside it
