"""Weathers: faults in an order that is planned by hand, so that one kind of mistake shows."""
