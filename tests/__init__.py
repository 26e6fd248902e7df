"""Tests mirror `booking/`; the cast, the engines and the forbidding fixtures are in this folder."""
