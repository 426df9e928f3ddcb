"""Faults that can be planted into the product, to see that the tests can fail."""
