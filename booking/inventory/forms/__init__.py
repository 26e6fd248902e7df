"""Forms of platforms, pools, units and contributions."""
