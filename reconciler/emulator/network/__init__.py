"""Microsoft.Network: DNS zones."""
