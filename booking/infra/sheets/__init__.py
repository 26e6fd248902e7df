"""Spreadsheets from bytes to rows of text, read in a child process with bounds on everything.

Nothing here knows what the columns mean.
"""
