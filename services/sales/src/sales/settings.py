"""Settings of sales: those every service has."""

from brocante.settings import Settings


class SalesSettings(Settings):
    """Nothing of its own."""
