"""Crash points: a named point around every await of the product, and what may go wrong there."""
