"""A believable park to try things in: the only place with known passwords."""
