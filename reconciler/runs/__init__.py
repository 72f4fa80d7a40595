"""What runs leave on this machine: who runs, journals, locks."""
