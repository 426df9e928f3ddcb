"""Etsy's Open API v3, as a shop with single pieces sees it."""

from sandbox.etsy.marketplace import Etsy

__all__ = ["Etsy"]
