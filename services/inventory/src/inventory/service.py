"""Builds the running service from settings."""

from brocante.messaging.table_process import run_table
from brocante.settings import BadConfiguration, load
from inventory.handlers import BUILT_IN, table
from inventory.settings import InventorySettings


def main() -> int:
    """Run inventory until it is told to stop; the process's exit code."""
    try:
        known = load(InventorySettings).known_marketplaces()
    except BadConfiguration:
        # The runtime reports it, with every other problem.
        known = BUILT_IN
    return run_table(table(known), InventorySettings)
