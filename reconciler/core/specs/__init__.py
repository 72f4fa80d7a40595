"""From documents to the desired state: environments, variables, references, lint, shares."""
