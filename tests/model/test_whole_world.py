"""Nothing is lost, doubled or resurrected, whatever order, trouble and luck bring.

`BROCANTE_MODEL=deep` looks much longer (docs/testing.md).
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.whole_world import WholeWorld

QUICK = settings(max_examples=60, stateful_step_count=30)
DEEP = settings(max_examples=3000, stateful_step_count=60)
DEEP_SECONDS = 3600


def chosen() -> settings:
    """The look that was asked for; a deep one sees new worlds every time.

    Others are the same for the same sources, as long as the same modules are loaded: Hypothesis
    draws constants from them.
    """
    deep = os.environ.get("BROCANTE_MODEL") == "deep"
    return settings(
        DEEP if deep else QUICK,
        deadline=None,
        derandomize=not deep,
        database=None,
        # The suite must end: what fails is told as it was found. The deep look makes it smaller.
        phases=list(Phase) if deep else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.usefixtures("quiet")
@pytest.mark.timeout(DEEP_SECONDS)
def test_nothing_is_lost_doubled_or_resurrected() -> None:
    run_state_machine_as_test(WholeWorld, settings=chosen())
