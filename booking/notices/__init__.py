"""Notices of the park, its labs and instruments: written, shown while they stand, read."""
