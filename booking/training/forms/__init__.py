"""Training's forms."""
