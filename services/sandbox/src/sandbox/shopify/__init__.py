"""Shopify's Admin GraphQL API 2026-04, as a shop with single pieces sees it."""

from sandbox.shopify.marketplace import Shopify

__all__ = ["Shopify"]
