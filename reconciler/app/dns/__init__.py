"""Mail domains and the records that they need."""
