"""Booking rules as plain decisions: values along a tree in, every violation out."""
