"""A fake marketplace's account whose intake runs on a real broker and database."""

from collections.abc import AsyncIterator

import pytest

from brocante.contracts.topics import MARKETPLACE_EVENTS, SALES_COMMANDS
from brocante.settings import Settings
from tests.support.fake_account import MARKETPLACE, FakeAccount
from tests.support.running import bench


@pytest.fixture
async def account(
    kafka: str, mongo: str, topic_prefix: str, database_name: str
) -> AsyncIterator[FakeAccount]:
    settings = Settings(kafka=kafka, mongo=mongo, topic_prefix=topic_prefix, database=database_name)
    async with bench(settings, [MARKETPLACE_EVENTS, SALES_COMMANDS]) as made:
        await made.runtime.database.create_collections(
            f"{MARKETPLACE}_leases", f"{MARKETPLACE}_state"
        )
        account = FakeAccount(made)
        async with made.running(account.intake):
            yield account
