"""From desired and observed to changes, and from changes to requests."""
