"""Use cases on places, parties, labs and people: gather, decide, apply."""
