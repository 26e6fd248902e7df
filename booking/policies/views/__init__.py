"""Pages of rules: setting them, their groups, tags of people, the calendar, and why."""
