"""What is kept up to date where people review."""
