"""Versioned documents in MongoDB."""
