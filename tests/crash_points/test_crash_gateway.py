"""The gateway: whatever fails at whichever point, everything comes out as without the fault."""

import pytest

from tests.support.crashing import plan
from tests.support.crashing.faults import KINDS, Kind


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scenario", ["gateway"])
def test_it_converges_after_a_fault_at_every_point(scenario: str, kind: Kind) -> None:
    assert plan.failures(scenario, kind) == {}
