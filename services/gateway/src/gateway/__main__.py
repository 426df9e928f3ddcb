"""`python -m gateway`, and with it `bootstrap --json`, `openapi`, `problems`."""

import sys

from gateway.service import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
