"""How fast it is, measured against what a good engineer would write by hand on the same brokers."""
