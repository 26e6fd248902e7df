"""Forms of calendars."""
