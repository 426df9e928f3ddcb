"""From the database to the marketplace: due listings are called, outcomes recorded."""
