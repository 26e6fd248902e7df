"""Forms of rules, of the calendar and of tags."""
