"""Specs and Azure become a plan, by reads alone."""
