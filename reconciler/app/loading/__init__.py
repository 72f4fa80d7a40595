"""Files become the desired state, or every problem that they have."""
