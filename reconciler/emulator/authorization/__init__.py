"""Microsoft.Authorization: roles, their assignments, and what they allow."""
