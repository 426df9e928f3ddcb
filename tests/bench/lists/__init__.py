"""Lists, searches and item pages of a gateway with many items."""
