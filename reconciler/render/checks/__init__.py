"""Findings, and what checks have found."""
