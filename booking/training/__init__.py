"""Training: how people qualify, what they hold, and what becomes of it."""
