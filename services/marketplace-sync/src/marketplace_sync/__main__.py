"""`python -m marketplace_sync --marketplace ebay`."""

import sys

from marketplace_sync.service import main

if __name__ == "__main__":
    sys.exit(main())
