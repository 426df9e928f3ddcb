"""Brocante: the wire language and the runtime that its services share."""
