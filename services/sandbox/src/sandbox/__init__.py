"""Sandbox: the marketplaces, simulated on their real paths and bodies."""
