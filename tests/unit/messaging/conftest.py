"""The ground a process stands on, in memory; and nobody waits."""

import pytest

from brocante.messaging import serving
from tests.unit.messaging.ground import Ground, at_once


@pytest.fixture
def ground(monkeypatch: pytest.MonkeyPatch) -> Ground:
    made = Ground()
    monkeypatch.setattr(serving, "connect", made.connect)
    monkeypatch.setattr(serving, "describe", made.describe)
    monkeypatch.setattr(serving, "Publisher", made.publisher)
    return made


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long people would have waited."""
    return at_once(monkeypatch)
