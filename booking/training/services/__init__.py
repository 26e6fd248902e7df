"""Training's services."""
