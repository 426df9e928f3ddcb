"""A fake marketplace's account whose intake runs on a real broker and database."""

from collections.abc import AsyncIterator

import pytest

from brocante.contracts.topics import MARKETPLACE_EVENTS
from brocante.settings import Settings
from tests.support.fake_account import INTAKE, MARKETPLACE, FakeAccount
from tests.support.running import bench


@pytest.fixture
async def account(
    kafka: str, mongo: str, topic_prefix: str, database_name: str
) -> AsyncIterator[FakeAccount]:
    settings = Settings(kafka=kafka, mongo=mongo, topic_prefix=topic_prefix, database=database_name)
    async with bench(settings, [MARKETPLACE_EVENTS]) as made:
        await made.runtime.database.create_collections(
            f"{MARKETPLACE}_leases", f"{MARKETPLACE}_state"
        )
        async with made.running(INTAKE):
            yield FakeAccount(made)
