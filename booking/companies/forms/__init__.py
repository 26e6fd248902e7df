"""Forms of places, parties, labs and people."""
