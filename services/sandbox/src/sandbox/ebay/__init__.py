"""eBay: Inventory, Fulfillment, Taxonomy and Notification, as sellers of single pieces see them."""

from sandbox.ebay.marketplace import Ebay

__all__ = ["Ebay"]
