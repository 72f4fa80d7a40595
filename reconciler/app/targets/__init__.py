"""Whom a run asks: Azure or an emulator, and DNS."""
