"""Pure decisions about reservations: no database, no clock, no text."""
