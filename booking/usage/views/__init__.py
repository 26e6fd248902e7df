"""Pages about use; one blueprint, its parts by what they show."""
