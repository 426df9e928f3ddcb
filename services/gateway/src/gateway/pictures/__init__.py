"""Small pictures of items: taken from a dealer or fetched, and always encoded anew."""
