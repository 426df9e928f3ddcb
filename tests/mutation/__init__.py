"""How many small faults in the runtime and the domains the unit tests see: `make mutation`."""
