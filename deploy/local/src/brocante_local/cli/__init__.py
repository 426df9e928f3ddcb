"""The `brocante` command: data on stdout, everything else on stderr."""

from brocante_local.cli.app import main

__all__ = ["main"]
