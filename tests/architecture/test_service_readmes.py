"""A service's README says what it consumes and publishes, and the code agrees."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from brocante.contracts.catalogue import message_classes
from brocante.contracts.message import Message
from inventory.handlers import TABLE as INVENTORY
from marketplace_sync.documents import kinds
from marketplace_sync.handlers import table as worker_table
from sales.handlers import TABLE as SALES
from tests.support.tables import finds_nothing

ROOT = Path(__file__).parents[2]
TABLES = {
    "sales": lambda: SALES,
    "inventory": lambda: INVENTORY,
    "marketplace-sync": lambda: worker_table("ebay", kinds("ebay"), finds_nothing),
}
PACKAGES = {
    "sales": "sales",
    "inventory": "inventory",
    "marketplace-sync": "marketplace_sync",
    "gateway": "gateway",
}
# Refusals of every command, and what any service says on a resync.
ANSWERED_BY_THE_RUNTIME = {"resync.requested", "resync.completed", "command.rejected"}
BY_NAME = {cls.__name__: cls for cls in message_classes()}


def listed(service: str, heading: str) -> set[str]:
    """The message types under a heading of a README: the first cells of its table, else all."""
    text = (ROOT / "services" / service / "README.md").read_text()
    section = re.search(rf"(?ms)^## {heading}\n(.*?)(?=^## |\Z)", text)
    assert section, f"{service}'s README has no section {heading}"
    cells = re.findall(r"(?m)^\|([^|]*)\|", section[1])
    return {
        found
        for cell in cells or [section[1]]
        for found in re.findall(r"`([a-z_]+\.[a-z_]+)`", cell)
    }


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
    routed = {route.message.TYPE for route in TABLES[service]().routes}
    assert listed(service, "Consumes") - ANSWERED_BY_THE_RUNTIME == routed - ANSWERED_BY_THE_RUNTIME


@pytest.mark.parametrize("service", PACKAGES)
def test_a_readme_lists_every_message_the_service_makes(service: str) -> None:
    types = {cls.TYPE for cls in made(PACKAGES[service], service)}
    assert types - ANSWERED_BY_THE_RUNTIME - listed(service, "Publishes") == set()


@pytest.mark.parametrize("service", ["sales", "inventory"])
def test_a_service_publishes_all_events_of_its_topic(service: str) -> None:
    topic = TABLES[service]().events_topic
    own = {cls.TYPE for cls in message_classes() if topic in cls.TOPICS}
    assert own - ANSWERED_BY_THE_RUNTIME - listed(service, "Publishes") == set()


@pytest.mark.parametrize(
    "service", sorted(path.parent.name for path in (ROOT / "services").glob("*/pyproject.toml"))
)
def test_every_service_has_a_readme(service: str) -> None:
    assert (ROOT / "services" / service / "README.md").is_file()
