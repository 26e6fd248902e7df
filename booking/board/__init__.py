"""Instruments over time on one screen: the timeline."""
