"""Reads of places, parties, labs and people."""
