"""The broker's epoch: raised when the broker is another one, and what then still counts."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from brocante.contracts.topics import SALES_COMMANDS, SALES_EVENTS, topics_for
from brocante.documents.driver import Database
from brocante.messaging.cluster import Cluster, TopicNow, apply_topics, describe
from brocante.messaging.connection import aiokafka_options
from brocante.messaging.epoch import Epochs
from brocante.settings import Settings
from tests.integration.messaging import test_delivery as delivery
from tests.support import toy
from tests.support.running import bench, eventually


def cluster(name: str = "c1", **ids: str) -> Cluster:
    return Cluster(name, {topic: TopicNow(id_, 1) for topic, id_ in ids.items()})


async def test_the_same_broker_keeps_its_epoch_and_new_topics_do_not_raise_it(
    database: Database,
) -> None:
    epochs = Epochs(database)
    first, _ = await epochs.adopt(cluster(a="1"))
    again, raised = await epochs.adopt(cluster(a="1", b="2"))
    assert (first.number, again.number, raised) == (1, 1, False)
    assert again.topic_ids == {"a": "1", "b": "2"}


async def test_another_cluster_is_a_new_epoch_and_a_new_incarnation(database: Database) -> None:
    epochs = Epochs(database)
    await epochs.adopt(cluster(a="1"))
    now, raised = await epochs.adopt(cluster("c2", a="9"))
    assert (now.number, now.incarnation, raised) == (2, 2, True)


async def test_a_wiped_topic_is_a_new_epoch_while_the_others_stay_as_old_as_they_are(
    database: Database,
) -> None:
    epochs = Epochs(database)
    await epochs.adopt(cluster(a="1", b="2"))
    now, raised = await epochs.adopt(cluster(a="1", b="other"))
    assert raised
    assert now.born == {"a": 1, "b": 2}


async def test_a_resync_raises_the_epoch_and_not_the_incarnation(database: Database) -> None:
    epochs = Epochs(database)
    await epochs.adopt(cluster(a="1"))
    now = await epochs.raise_for_resync(["sales"], toy.NOW)
    assert (now.number, now.incarnation) == (2, 1)
    await epochs.completed("sales", 2)
    current = await epochs.current()
    assert current is not None
    assert current.resynced == {"sales": 2}


async def test_of_many_services_that_notice_at_once_one_raises_the_epoch(
    database: Database,
) -> None:
    epochs = Epochs(database)
    await epochs.adopt(cluster(a="1"))
    results = await asyncio.gather(*(epochs.adopt(cluster("c2", a="2")) for _ in range(5)))
    assert [raised for _, raised in results].count(True) == 1
    assert {epoch.number for epoch, _ in results} == {2}


@pytest.mark.apache_kafka
async def test_after_a_topic_was_wiped_the_others_go_on_where_they_stopped(
    apache_kafka: str, mongo: str, topic_prefix: str, database_name: str
) -> None:
    settings = Settings(
        kafka=apache_kafka, mongo=mongo, topic_prefix=topic_prefix, database=database_name
    )
    async with bench(settings, toy.WATCHED) as made:
        async with made.running(toy.TABLE):
            await made.publish(delivery.command(made, "c1"))
            await eventually(lambda: delivery.counted(made) == [1], "the first answer")
        await _wipe(settings, SALES_EVENTS)
        await made.runtime.database.collection("toy_tallies").delete_many({})
        wanted = [f"{topic_prefix}{topic}" for topic in (SALES_COMMANDS, SALES_EVENTS)]

        async def all_there() -> bool:
            return set((await describe(settings, wanted)).topics) == set(wanted)

        await eventually(all_there, "the wiped topic is there again")
        made.runtime.epoch, raised = await Epochs(made.runtime.database).adopt(
            await describe(settings, wanted)
        )
        assert raised
        async with made.running(toy.TABLE) as service:
            await made.publish(delivery.command(made, "c2"))
            tallies = service.stores["toy_tallies"]

            async def state() -> bool:
                loaded = await tallies.load(["main/s1"], fresh=True)
                return loaded["main/s1"].state == '{"count":1,"notes":[""]}'

            # c1 was not read again: its document was removed, and c2 finds nothing there.
            await eventually(state, "only the second command applied")


async def _wipe(settings: Settings, topic: str) -> None:
    admin = AIOKafkaAdminClient(**aiokafka_options(settings))
    await admin.start()
    name = f"{settings.topic_prefix}{topic}"
    try:
        await admin.delete_topics([name])

        async def gone() -> bool:
            return name not in (await describe(settings, [name])).topics

        await eventually(gone, "the topic is gone")
    finally:
        await admin.close()
    await apply_topics(settings, topics_for(["ebay"], prefix=settings.topic_prefix, partitions=2))
