"""Training's queries."""
