"""The Azure adapter: the one door to ``azure.*``."""
