"""Reservations and availability under /api/v1."""
