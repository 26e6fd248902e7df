"""The shared inventory: categories, pools, units, contributions, search and import."""
