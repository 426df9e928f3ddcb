"""A listing as its worker knows it: pure state and rules."""
