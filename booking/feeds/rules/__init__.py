"""What feeds are and how far they reach; calendars of others in plain values. Pure."""
