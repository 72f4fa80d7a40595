"""Nouns: frozen values that every other package passes around. Imports nothing but itself."""
