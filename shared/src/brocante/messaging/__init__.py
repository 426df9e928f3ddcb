"""How a service consumes, decides, stores and publishes."""
