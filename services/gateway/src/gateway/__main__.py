"""`python -m gateway`, `python -m gateway bootstrap --json`, `python -m gateway openapi`."""

import sys

from gateway.service import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
