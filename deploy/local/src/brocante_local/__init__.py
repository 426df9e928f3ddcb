"""The brocante command: everything on one machine."""
