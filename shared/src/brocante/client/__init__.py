"""A small typed client for upstream apps."""
