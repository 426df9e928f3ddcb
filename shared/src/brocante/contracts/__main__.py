"""`python -m brocante.contracts [--check] [docs]`: write what is generated, or say what drifted."""

import sys
from collections.abc import Sequence
from pathlib import Path

from brocante.contracts import generated


def main(arguments: Sequence[str]) -> int:
    """Write under `docs` (a folder, `docs` of the current one unless given).

    With `--check` nothing is written: 1 when a file has drifted, each named on a line of its own.
    """
    check = "--check" in arguments
    folders = [argument for argument in arguments if argument != "--check"]
    docs = Path(folders[0] if folders else "docs")
    names = generated.drifted(docs) if check else generated.write(docs)
    verb = "has drifted" if check else "written"
    sys.stdout.writelines(f"{docs / name} {verb}\n" for name in names)
    return 1 if check and names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
