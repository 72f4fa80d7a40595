"""Drift is found, told, watched and accepted."""
