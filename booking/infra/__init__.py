"""What touches machines: database, clock, outbox, mail, scheduler. Knows no feature."""
