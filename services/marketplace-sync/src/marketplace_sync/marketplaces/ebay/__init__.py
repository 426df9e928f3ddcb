"""eBay: Sell Inventory, Fulfillment and Taxonomy APIs."""
