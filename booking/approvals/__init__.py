"""Requests that wait for a decision: the inbox, approve, reject, expire."""
