"""Booking rules as pure decisions that explain themselves."""
