"""Who did what, when, before and after: append-only rows written with the change."""
