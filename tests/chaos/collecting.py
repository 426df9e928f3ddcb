"""Gathers the evidence once everything is at rest: views, ledger, what is left undone."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from pymongo import MongoClient

from tests.chaos.books import Books, Struck
from tests.chaos.desk import Desk
from tests.chaos.evidence import Evidence
from tests.chaos.fair import Fair
from tests.chaos.fault_plan import MARKETPLACES
from tests.chaos.installation import Rigged
from tests.chaos.wish import Wish

DATABASE = "brocante"
AFTER_FAULT_SECONDS = 1.0


async def evidence(
    wish: Wish,
    rigged: Rigged,
    books: Books,
    desk: Desk,
    fair: Fair,
    not_ready: Sequence[tuple[float, float]],
) -> Evidence:
    """Everything the invariants look at."""
    await fair.look()
    items = {item["item_id"]: item for item in await desk.all("/items")}
    sales = {sale["sale_id"]: sale for sale in await desk.all("/sales")}
    left, commands, groups = await asyncio.to_thread(_database, rigged.mongo_direct)
    ready = await rigged.services.ready()
    recorder = rigged.recorder
    return Evidence(
        records=recorder.records,
        accepted=books.accepted,
        answers=recorder.answers,
        sales=books.sales,
        pieces=books.pieces,
        struck=books.struck,
        poison=books.poison,
        items=items,
        sales_shown=sales,
        commands=commands,
        ledger=await fair.ledger(),
        shown=fair.shown,
        lag=await lag(rigged, groups),
        unsent=left,
        not_ready=[name for name, is_ready in ready.items() if not is_ready],
        disturbed=[*stretches(books.struck), *not_ready],
        incarnations=recorder.incarnation,
        calm_limit=wish.calm_limit,
        storm_limit=wish.storm_limit,
        etsy_per_second=wish.etsy_per_second,
    )


def stretches(struck: Sequence[Struck]) -> list[tuple[float, float]]:
    """When faults were in force; what falls over needs a moment to be noticed."""
    return [(s.at, (s.until or time.time()) + AFTER_FAULT_SECONDS) for s in struck]


async def lag(rigged: Rigged, groups: Sequence[str]) -> dict[str, int]:
    """How far each group is behind, by its committed offsets and the high water marks read."""
    behind: Counter[str] = Counter()
    for group in groups:
        # The embedded broker's answer to "all offsets of a group" cannot be decoded: one by one.
        consumer = AIOKafkaConsumer(
            bootstrap_servers=[rigged.kafka], group_id=group, enable_auto_commit=False
        )
        try:
            await consumer.start()
            for tp, end in list(rigged.recorder.ends.items()):
                committed = await consumer.committed(tp)
                if committed is not None:
                    behind[group] += max(0, end - committed)
        except (KafkaError, OSError, TimeoutError) as error:
            behind[f"{group}: {error!r}"] += 1
        finally:
            await consumer.stop()
    return dict(behind)


def _database(mongo: str) -> tuple[dict[str, int], dict[str, str], list[str]]:
    """Unsent documents by collection, the gateway's commands, the groups of the incarnation."""
    client: MongoClient[dict[str, Any]] = MongoClient(mongo)
    try:
        database = client[DATABASE]
        unsent: dict[str, int] = {}
        for name in database.list_collection_names():
            found = database[name].find({"unsent_since": {"$exists": True}}, {"_id": 1})
            if number := len(list(found)):
                unsent[name] = number
        commands = {
            str(stored["_id"]).split("/", 1)[1]: str(stored["status"])
            for stored in database["gateway_commands"].find({}, {"status": 1})
        }
        stored = database["broker"].find_one({"_id": "broker"}) or {}
        names = ["gateway", "sales", "inventory", *(f"marketplace-sync-{m}" for m in MARKETPLACES)]
        groups = [f"{name}.{stored.get('incarnation')}" for name in names]
        return unsent, commands, groups
    finally:
        client.close()
