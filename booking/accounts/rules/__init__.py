"""Who may do what: decided from plain values."""
