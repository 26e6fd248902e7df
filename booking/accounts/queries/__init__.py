"""Reads of people and of what proves who they are."""
