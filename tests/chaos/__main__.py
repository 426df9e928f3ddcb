"""`make chaos` comes here."""

import sys

from tests.chaos.command_line import main

if __name__ == "__main__":
    sys.exit(main())
