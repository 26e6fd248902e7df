"""Reads of what is kept of use, and of what a day is made of."""
