"""A plan becomes reality, or is tried out first."""
