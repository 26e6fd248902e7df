"""Sites, institutions, resident companies, labs and who belongs to them."""
