"""`python -m brocante_local` is the same as `brocante`."""

import sys

from brocante_local.cli import main

if __name__ == "__main__":
    sys.exit(main())
