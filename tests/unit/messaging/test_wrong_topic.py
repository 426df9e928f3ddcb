"""A command on another service's topic of commands is refused; all else is passed over."""

from collections.abc import Sequence
from typing import Any

import pytest

from brocante.contracts.answers import CommandRejected
from brocante.contracts.catalogue import Message, message_classes
from brocante.contracts.message import Command
from brocante.contracts.samples import sample
from brocante.contracts.topics import DEAD_LETTERS
from brocante.messaging.deciding import ServiceTable
from inventory.handlers import TABLE as INVENTORY
from marketplace_sync.handlers import table
from sales.handlers import TABLE as SALES
from tests.support.crashing import trial
from tests.support.crashing.servers import Servers
from tests.support.crashing.tables import TableProcess, because_of, says
from tests.support.crashing.trial import Scenario, Stage
from tests.support.fake_account import KINDS, MARKETPLACE


async def found_nothing(_stores: object, _batch: Sequence[Any]) -> dict[int, Any]:
    return {}


WORKER = table(MARKETPLACE, KINDS, found_nothing, {"main"})
SERVICES = [pytest.param(one, id=one.name) for one in (SALES, INVENTORY, WORKER)]


def carried(topic: str) -> list[type[Message]]:
    """The classes that a topic may carry."""
    return [
        cls
        for cls in message_classes()
        if topic in {one.format(marketplace=MARKETPLACE) for one in cls.TOPICS}
    ]


def read_by(service: ServiceTable, topic: str, classes: Sequence[type[Message]]) -> Servers:
    """The servers after a service has read a sample of each class there."""
    kept: list[Servers] = []

    def all_read(servers: Servers) -> bool:
        done = servers.broker.done(f"{service.name}.1")
        return all(done.get(at, 0) == end for at, end in servers.broker.ends([topic]).items())

    def state(servers: Servers) -> None:
        kept.append(servers)

    said = says(topic, *((cls.TYPE, sample(cls)) for cls in classes))
    stages = (Stage("all is read", all_read, said),)
    scenario = Scenario("read", lambda _: TableProcess(service), stages, lambda _: [], state)
    trial.without_fault(scenario)
    return kept[0]


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_a_topic_may_carry_is_taken_or_passed_over(service: ServiceTable) -> None:
    passed_over = 0
    for topic in service.topics:
        classes = carried(topic)
        passed_over += sum(service.route(cls) is None for cls in classes)
        letters = read_by(service, topic, classes).broker.read(DEAD_LETTERS)
        assert [dict(one.headers)["ce_type"] for one in letters] == []
    assert passed_over


@pytest.mark.parametrize("service", SERVICES)
def test_others_events_are_passed_over_even_among_commands(service: ServiceTable) -> None:
    (topic,) = (one for one in service.topics if one.endswith(".commands"))
    events = [
        cls
        for cls in message_classes()
        if not issubclass(cls, Command) and service.route(cls) is None
    ]
    servers = read_by(service, topic, events)
    assert not servers.broker.read(DEAD_LETTERS)
    assert not servers.broker.read(service.events_topic)


@pytest.mark.parametrize("service", SERVICES[1:])
def test_others_commands_among_events_are_passed_over(service: ServiceTable) -> None:
    """Whoever reads those events would answer."""
    topic = next(one for one in service.topics if not one.endswith(".commands"))
    commands = [
        cls
        for cls in message_classes()
        if issubclass(cls, Command) and service.route(cls) is None and cls not in carried(topic)
    ]
    servers = read_by(service, topic, commands)
    assert not servers.broker.read(DEAD_LETTERS)


@pytest.mark.parametrize("service", SERVICES)
def test_a_command_that_is_anothers_is_kept_and_answered(service: ServiceTable) -> None:
    (topic,) = (one for one in service.topics if one.endswith(".commands"))
    others = [
        cls for cls in message_classes() if issubclass(cls, Command) and cls not in carried(topic)
    ]
    servers = read_by(service, topic, others)
    codes = [dict(one.headers)["x-error-code"] for one in servers.broker.read(DEAD_LETTERS)]
    assert codes == [b"wrong_topic"] * len(others)
    for cls in others:
        (answer,) = because_of(servers, service.events_topic, cls.TYPE)
        assert isinstance(answer, CommandRejected)
