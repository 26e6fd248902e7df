"""Reads for calendars that programs fetch."""
