"""The time of a world that was left early ends with it."""

from collections.abc import Iterator

import pytest

from tests.model.hand_time import back_to_real_time


@pytest.fixture(autouse=True)
def _real_time_again() -> Iterator[None]:
    yield
    back_to_real_time()
