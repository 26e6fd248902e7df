"""Sending what is due: claim, write the letter, hand it over, mark."""
