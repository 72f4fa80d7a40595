"""Record sets in the form of the tools that put them into zones."""
