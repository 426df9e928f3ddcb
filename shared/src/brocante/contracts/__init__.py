"""The wire language: every message, its topic, key and payload."""
