"""Use cases of deciding on requests."""
