"""A service's README says what it consumes and publishes, and the code agrees."""

import ast
import importlib
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from brocante.contracts.catalogue import message_classes
from brocante.contracts.message import Message
from brocante.messaging.deciding import ServiceTable

ROOT = Path(__file__).parents[2]
# Where each service's table is; a service without deciders has none.
TABLES = {"sales": "sales.handlers:TABLE", "inventory": "inventory.handlers:TABLE"}
PACKAGES = {"sales": "sales", "inventory": "inventory"}
ANSWERED_BY_THE_RUNTIME = {"resync.requested", "resync.completed", "command.rejected"}
BY_NAME = {cls.__name__: cls for cls in message_classes()}


def listed(service: str, heading: str) -> set[str]:
    """The message types that begin a row (or an entry) under a heading of a README."""
    text = (ROOT / "services" / service / "README.md").read_text()
    section = re.search(rf"(?ms)^## {heading}\n(.*?)(?=^## |\Z)", text)
    assert section, f"{service}'s README has no section {heading}"
    return set(re.findall(r"(?m)^(?:\||[-*])\s*`([a-z_]+\.[a-z_]+)`", section[1]))


def table(service: str) -> ServiceTable:
    """What a service's handlers say."""
    module, name = TABLES[service].split(":")
    found = getattr(importlib.import_module(module), name)
    assert isinstance(found, ServiceTable)
    return found


def made(package: str, service: str) -> set[type[Message]]:
    """The message classes that the service's source makes."""
    root = ROOT / "services" / service / "src" / package
    trees = (ast.parse(path.read_text()) for path in root.rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree))
    return set(_called(nodes))


def _called(nodes: Iterable[ast.AST]) -> Iterable[type[Message]]:
    for node in nodes:
        name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if name in BY_NAME:
            yield BY_NAME[name]


@pytest.mark.parametrize("service", TABLES)
def test_a_readme_lists_what_the_service_consumes(service: str) -> None:
    routed = {route.message.TYPE for route in table(service).routes}
    assert listed(service, "Consumes") - ANSWERED_BY_THE_RUNTIME == routed


@pytest.mark.parametrize("service", TABLES)
def test_a_readme_lists_every_message_the_service_makes(service: str) -> None:
    types = {cls.TYPE for cls in made(PACKAGES[service], service)}
    assert types - listed(service, "Publishes") == set()


@pytest.mark.parametrize("service", TABLES)
def test_a_service_publishes_all_events_of_its_topic(service: str) -> None:
    topic = table(service).events_topic
    own = {cls.TYPE for cls in message_classes() if topic in cls.TOPICS}
    assert own - ANSWERED_BY_THE_RUNTIME - listed(service, "Publishes") == set()


@pytest.mark.parametrize(
    "service", sorted(path.parent.name for path in (ROOT / "services").glob("*/pyproject.toml"))
)
def test_every_service_has_a_readme(service: str) -> None:
    assert (ROOT / "services" / service / "README.md").is_file()
