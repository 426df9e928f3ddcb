"""Every load by name."""

from tests.bench.loads.intake import INTAKE
from tests.bench.loads.inventory import INVENTORY
from tests.bench.loads.load import Load
from tests.bench.loads.sales import SALES
from tests.bench.loads.small_outputs import SMALL

LOADS: dict[str, Load] = {load.name: load for load in (SMALL, SALES, INVENTORY, INTAKE)}
