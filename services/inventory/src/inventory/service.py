"""Builds the running service from settings."""

from brocante.messaging.table_process import run_table

from inventory.handlers import TABLE
from inventory.settings import InventorySettings


def main() -> int:
    """Run inventory until it is told to stop; the process's exit code."""
    return run_table(TABLE, InventorySettings)
