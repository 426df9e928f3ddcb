"""Inventory: what a dealer owns and what should be on sale where."""
