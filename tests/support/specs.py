"""Official API descriptions and real bodies, found through BROCANTE_SPECS; never in the repo."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "BROCANTE_SPECS"
MISSING = f"{VARIABLE} does not name the folder of official API descriptions (docs/testing.md)"


def spec_file(name: str) -> Path:
    """A file of the folder; the test is skipped, saying why, where there is no folder."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(MISSING)
    return Path(folder) / name


def spec_json(name: str) -> Any:
    """A JSON file of the folder."""
    return json.loads(spec_file(name).read_text())
