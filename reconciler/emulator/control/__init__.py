"""What a test switches, and sees: faults, seeds, settings, the page."""
