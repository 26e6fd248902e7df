"""Reads of what waits for a decision."""
