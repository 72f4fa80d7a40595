"""What a run did: its report, its journal, its receipt."""
