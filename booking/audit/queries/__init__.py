"""Reads of audit rows and their seals."""
