"""Replicas in processes of their own share a service's work; each command is applied once."""

import pytest

from tests.bench.scale_out import measure


@pytest.mark.apache_kafka
@pytest.mark.timeout(300)
@pytest.mark.parametrize("replicas", [2, 4])
def test_every_replica_takes_its_share_and_nothing_is_applied_twice(
    apache_kafka: str, mongo: str, replicas: int
) -> None:
    measured = measure(apache_kafka, mongo, replicas, 800)
    assert sum(measured.shares) == 800
    assert min(measured.shares) > 0
