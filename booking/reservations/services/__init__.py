"""Use cases on reservations: gather, decide, apply."""
