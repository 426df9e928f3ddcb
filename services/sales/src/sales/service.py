"""Builds the running service from settings."""

from brocante.messaging.table_process import run_table
from sales.handlers import TABLE
from sales.settings import SalesSettings


def main() -> int:
    """Run sales until it is told to stop; the process's exit code."""
    return run_table(TABLE, SalesSettings)
