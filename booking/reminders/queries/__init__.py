"""Reads of what messages are about, and of the delivery log."""
