"""Specs as files: finding them, reading YAML, and checking it against the schemas."""
