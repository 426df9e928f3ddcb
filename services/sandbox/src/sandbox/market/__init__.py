"""What the simulated marketplaces share: state, clock, faults, ledger, limits, webhooks."""
