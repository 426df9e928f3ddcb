"""Inventory's table, driven in memory."""

import pytest

from inventory.handlers import BUILT_IN, table
from tests.support.tables import Driven
from tests.unit.inventory.wire import ACTIVATE, CREATE, activated


@pytest.fixture
def inventory() -> Driven:
    return Driven(table(BUILT_IN))


@pytest.fixture
def on_sale(inventory: Driven) -> Driven:
    inventory.take(CREATE).take(ACTIVATE)
    for marketplace in ("ebay", "etsy"):
        inventory.take(activated(inventory, marketplace))
    return inventory
