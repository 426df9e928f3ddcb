"""The fixtures that every other integration test stands on."""

import pytest

from brocante.contracts.topics import topics_for
from brocante.documents.driver import connect
from brocante.messaging.cluster import apply_topics, describe
from brocante.settings import Settings


async def test_topics_can_be_made_on_the_broker(kafka: str, topic_prefix: str) -> None:
    await _make_topics(kafka, topic_prefix)


@pytest.mark.apache_kafka
async def test_topics_can_be_made_on_apache_kafka(apache_kafka: str, topic_prefix: str) -> None:
    await _make_topics(apache_kafka, topic_prefix)


async def test_the_database_answers(mongo: str, database_name: str) -> None:
    database = connect(mongo, database_name, "motor")
    try:
        await database.ping()
    finally:
        await database.close()


async def _make_topics(bootstrap: str, prefix: str) -> None:
    settings = Settings(kafka=bootstrap)
    topics = topics_for(["ebay"], prefix=prefix, partitions=2)
    created = await apply_topics(settings, topics)
    assert set(created) == {topic.name for topic in topics}
    assert set((await describe(settings, created)).topics) == set(created)
