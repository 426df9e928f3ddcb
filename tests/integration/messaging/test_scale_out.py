"""Replicas in processes of their own share a service's work; each message is applied once."""

import pytest

from tests.bench.loads.all_loads import LOADS
from tests.bench.replicas import part_of, share
from tests.bench.servers import Servers


@pytest.mark.apache_kafka
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("service", "replicas"), [("sales", 2), ("inventory", 4)])
async def test_every_replica_takes_its_share_and_nothing_is_applied_twice(
    apache_kafka: str, mongo: str, service: str, replicas: int
) -> None:
    servers = Servers(apache_kafka, mongo, "Apache Kafka", "the suite's")
    measured = await share(servers, LOADS[service], replicas, 800)
    assert sum(measured.shares) == 800
    assert len(measured.shares) == replicas
    assert min(measured.shares) > 0
    (row,) = part_of([measured]).tables[0].rows
    assert row[:2] == [service, str(replicas)]
