"""Drift in every form: one view, and a module for each form."""
