"""Word lists and the plan of the demo park: pure, the same for the same seed and day."""
