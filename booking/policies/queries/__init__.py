"""Reads of the rules that are set."""
