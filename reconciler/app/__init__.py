"""Use cases: the verbs of the tool, callable as a library. Here adapters meet ports."""
