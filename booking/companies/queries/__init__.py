"""Reads of places, parties, labs and people."""

from booking.companies.queries.memberships import labs_of, parties_of

__all__ = ["labs_of", "parties_of"]
