"""Feeds made, renewed, revoked."""
