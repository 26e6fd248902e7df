"""Commands about the inventory."""
