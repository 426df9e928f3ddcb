"""Nothing is lost, doubled or resurrected, whatever order, trouble and luck bring.

`BROCANTE_MODEL=deep` looks much longer (docs/testing.md).
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.whole_world import WholeWorld

QUICK = settings(max_examples=60, stateful_step_count=30)
DEEP = settings(max_examples=3000, stateful_step_count=60)
DEEP_SECONDS = 3600


def chosen() -> settings:
    """The look that was asked for; the same worlds every time, unless it is a deep one."""
    deep = os.environ.get("BROCANTE_MODEL") == "deep"
    return settings(
        DEEP if deep else QUICK,
        deadline=None,
        derandomize=not deep,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.usefixtures("quiet")
@pytest.mark.timeout(DEEP_SECONDS)
def test_nothing_is_lost_doubled_or_resurrected() -> None:
    run_state_machine_as_test(WholeWorld, settings=chosen())
