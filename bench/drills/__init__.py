"""Attacks on the promise: RELIABILITY R1, R2, R5, R9; `make drills` in full."""
