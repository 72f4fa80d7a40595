"""Boxes and arrows, and where they stand."""
