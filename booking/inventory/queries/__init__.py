"""Reads of the inventory."""
