"""Writing what is kept of use."""
