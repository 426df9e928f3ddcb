"""Marketplace workers: keep each listing as inventory wants it."""
