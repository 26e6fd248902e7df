"""Writing the demo park."""
