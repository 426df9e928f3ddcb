"""Both brokers with topics made, and a database of one's own."""

from collections.abc import AsyncIterator

import pytest

from brocante.documents.driver import Database, connect
from brocante.settings import Settings
from tests.support import toy
from tests.support.running import Bench, bench


@pytest.fixture(params=["default", pytest.param("apache", marks=pytest.mark.apache_kafka)])
def settings(
    request: pytest.FixtureRequest, mongo: str, topic_prefix: str, database_name: str
) -> Settings:
    name = "apache_kafka" if request.param == "apache" else "kafka"
    return Settings(
        kafka=request.getfixturevalue(name),
        kafka_idempotent_producer=request.param == "apache",
        mongo=mongo,
        topic_prefix=topic_prefix,
        database=database_name,
    )


@pytest.fixture
async def made(settings: Settings) -> AsyncIterator[Bench]:
    async with bench(settings, toy.WATCHED) as one:
        yield one


@pytest.fixture
async def database(mongo: str, database_name: str) -> AsyncIterator[Database]:
    connected = connect(mongo, database_name)
    yield connected
    await connected.drop()
    await connected.close()
