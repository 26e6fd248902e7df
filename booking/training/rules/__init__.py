"""Training's rules."""
