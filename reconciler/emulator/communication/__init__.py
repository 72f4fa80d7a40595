"""Microsoft.Communication."""
