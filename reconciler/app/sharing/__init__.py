"""One plan made by many machines, or of the changed stacks alone."""
