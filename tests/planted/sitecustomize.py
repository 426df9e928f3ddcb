"""Read by Python at start when this folder is on PYTHONPATH: plants BROCANTE_PLANTED_FAULT.

Only tests put this folder there; no package of the product has it. A name that does not exist ends
the process at once.
"""

import json
import os
import sys
from pathlib import Path

VARIABLE = "BROCANTE_PLANTED_FAULT"
EXIT_CONFIGURATION = 2


def plant(name: str) -> None:
    """Plant the fault of this name and say so on stderr."""
    root = str(Path(__file__).parents[2])
    sys.path.insert(0, root)
    try:
        from tests.planted.registry import UnknownFault, plant_on_import  # noqa: PLC0415 - see plant
    finally:
        sys.path.remove(root)
    try:
        fault = plant_on_import(name)
    except UnknownFault as unknown:
        sys.stderr.write(f"{unknown}\n")
        sys.stderr.flush()
        os._exit(EXIT_CONFIGURATION)
    said = {"event": "fault_planted", "level": "warning", "fault": fault.name, "says": fault.says}
    sys.stderr.write(f"{json.dumps(said)}\n")


if os.environ.get(VARIABLE):
    plant(os.environ[VARIABLE])
