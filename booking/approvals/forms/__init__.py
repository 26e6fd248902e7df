"""Forms of deciding on requests."""
