"""Reads of reservations and what they hold."""
