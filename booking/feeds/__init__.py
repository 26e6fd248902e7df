"""Calendars that other programs read: private feeds, CalDAV, and busy times read from theirs."""
