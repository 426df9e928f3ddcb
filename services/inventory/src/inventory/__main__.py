"""`python -m inventory`."""

import sys

from inventory.service import main

if __name__ == "__main__":
    sys.exit(main())
