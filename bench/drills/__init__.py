"""Attacks on the promise: RELIABILITY R1–R5, R9, R10, R12; `make drills` in full."""
