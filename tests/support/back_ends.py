"""Fixtures: Kafka and MongoDB from settings, from containers, or embedded; Apache Kafka itself.

One of each per test process. A test gets its own topic prefix and database name, so tests share
the servers without seeing each other.
"""

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from brocante_local.backends import apache_kafka as on_jvm
from brocante_local.backends import embedded
from brocante_local.backends.child import Child, DidNotStart, Launch
from brocante_local.backends.ports import free_port
from tests.support.tiers import note_back_end

KAFKA_SETTING = "BROCANTE_TEST_KAFKA"
MONGO_SETTING = "BROCANTE_TEST_MONGO"
KAFKA_IMAGE = "apache/kafka:4.1.0"
KAFKA_PORT = 9092
MONGO_IMAGE = "mongo:8"
MONGO_PORT = 27017
START_SECONDS = 60
ATTEMPTS = 3


@pytest.fixture(scope="session")
def kafka(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Bootstrap servers, host:port. `brocante_local` starts the embedded broker afresh each run."""
    with ExitStack() as stack:
        if address := os.environ.get(KAFKA_SETTING):
            how = f"from {KAFKA_SETTING}"
        elif docker_answers():
            how, address = f"container {KAFKA_IMAGE}", stack.enter_context(_kafka_container())
        else:
            how = "embedded"
            folder = tmp_path_factory.mktemp("kafka")
            address = stack.enter_context(_child(lambda: embedded.kafka(free_port()), folder))
        note_back_end(request.config, "kafka", how)
        yield address


@pytest.fixture(scope="session")
def mongo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A connection string."""
    with ExitStack() as stack:
        if address := os.environ.get(MONGO_SETTING):
            how = f"from {MONGO_SETTING}"
        elif docker_answers():
            how, address = f"container {MONGO_IMAGE}", stack.enter_context(_mongo_container())
        else:
            how = "embedded"
            folder = tmp_path_factory.mktemp("mongo")
            launch = _child(lambda: embedded.mongo(free_port(), folder / "data"), folder)
            address = stack.enter_context(launch)
        note_back_end(request.config, "mongodb", how)
        yield address


@pytest.fixture(scope="session")
def apache_kafka(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Bootstrap servers of Apache Kafka itself; skips, saying why, where it cannot be had."""
    with ExitStack() as stack:
        if address := os.environ.get(KAFKA_SETTING):
            how = f"from {KAFKA_SETTING}"
        elif shutil.which("java"):
            how = f"{on_jvm.VERSION} on the JVM"
            folder = tmp_path_factory.mktemp("apache-kafka")
            address = _on_jvm(stack, folder)
        elif docker_answers():
            how, address = f"container {KAFKA_IMAGE}", stack.enter_context(_kafka_container())
        else:
            pytest.skip(f"Apache Kafka needs Java, Docker or {KAFKA_SETTING}")
        note_back_end(request.config, "apache-kafka", how)
        yield address


@pytest.fixture(scope="session")
def real_mongo(request: pytest.FixtureRequest) -> str:
    """A connection string of MongoDB itself; skips, saying why, where it cannot be had."""
    if not (os.environ.get(MONGO_SETTING) or docker_answers()):
        pytest.skip(f"MongoDB itself needs Docker or {MONGO_SETTING}")
    address: str = request.getfixturevalue("mongo")
    with MongoClient[dict[str, Any]](address) as client:
        if "secantusVersion" in client.admin.command("buildInfo"):
            pytest.skip(f"what {MONGO_SETTING} names is not MongoDB itself")
    return address


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that no other test's topics have."""
    return f"t{uuid.uuid4().hex[:10]}."


@pytest.fixture
def database_name() -> str:
    """A database that no other test has."""
    return f"t{uuid.uuid4().hex[:10]}"


@cache
def docker_answers() -> bool:
    """Whether a Docker engine is there, not only its client."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        asked = subprocess.run([docker, "info"], capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def _on_jvm(stack: ExitStack, folder: Path) -> str:
    def launch() -> Launch:
        return on_jvm.launch(free_port(), free_port(), folder / uuid.uuid4().hex[:8])

    try:
        return stack.enter_context(_child(launch, folder))
    except on_jvm.NotHere as missing:
        pytest.skip(str(missing))


@contextmanager
def _child(launch: Callable[[], Launch], folder: Path) -> Iterator[str]:
    """The address of a child that ends with the block; another port when one was just taken."""
    for attempt in range(ATTEMPTS):
        planned = launch()
        child = Child(planned, folder / f"{planned.name}.log")
        try:
            child.wait_until_ready(START_SECONDS)
            break
        except DidNotStart:
            if attempt == ATTEMPTS - 1:
                raise
    try:
        yield planned.address
    finally:
        # Nobody needs what it stored: no time for an orderly end.
        child.stop(0)


@contextmanager
def _kafka_container() -> Iterator[str]:
    # Clients are told an address, so the port must be known before the start.
    port = free_port()
    address = f"127.0.0.1:{port}"
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(KAFKA_PORT, port)
    for name, value in _container_settings(address).items():
        container.with_env(f"KAFKA_{name}", value)
    container.waiting_for(LogMessageWaitStrategy("Kafka Server started"))
    with container:
        yield address


def _container_settings(address: str) -> dict[str, str]:
    return {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "LISTENERS": f"PLAINTEXT://:{KAFKA_PORT},CONTROLLER://:9093",
        "ADVERTISED_LISTENERS": f"PLAINTEXT://{address}",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "MESSAGE_MAX_BYTES": str(6 * 1024 * 1024),
    }


@contextmanager
def _mongo_container() -> Iterator[str]:
    container = DockerContainer(MONGO_IMAGE).with_exposed_ports(MONGO_PORT)
    container.waiting_for(LogMessageWaitStrategy("Waiting for connections"))
    with container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(MONGO_PORT)
        yield f"mongodb://{host}:{port}/?directConnection=true"
