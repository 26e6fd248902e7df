"""Help: the words of the park explained, and hints at the first use."""
