"""A person's own data: exported, erased, agreed to, kept for so long and no longer."""
