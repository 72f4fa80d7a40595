"""Measures what a run costs: ``make bench``. Nothing here is shipped, and no test is timed."""
