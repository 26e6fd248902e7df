"""Use cases of privacy: agreeing, asking to be erased, erasing, forgetting in time."""
