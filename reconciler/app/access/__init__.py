"""What the tool stands on, and what Azure must allow."""
