"""What every resource type shares: bodies, faces, operations, pages, identities, tags."""
