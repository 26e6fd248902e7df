"""Forms of platforms, pools, units and contributions; the search of the catalogue."""
