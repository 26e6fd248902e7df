"""Use cases on the inventory: gather, decide, apply."""
