"""Sales as facts and rules: standard library only."""
