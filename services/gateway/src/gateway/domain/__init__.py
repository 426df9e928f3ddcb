"""What the gateway knows without a database, a broker or HTTP: the standard library only."""
