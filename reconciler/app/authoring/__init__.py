"""All that can be done to specs without Azure: check, lint, format, explain, start."""
