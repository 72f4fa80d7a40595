"""What policies of the organisation can ask of a resource."""
