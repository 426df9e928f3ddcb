"""`python -m sales`."""

import sys

from sales.service import main

if __name__ == "__main__":
    sys.exit(main())
