"""The operator's pages of places, parties, labs and people."""
