"""Who must approve, and what is kept in one comment and one issue."""
