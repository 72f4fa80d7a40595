"""What Azure must allow for the specs, and roles that allow no more."""
