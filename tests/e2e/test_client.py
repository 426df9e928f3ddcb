"""The client for upstream apps, over HTTP and over Kafka, on a whole installation."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from brocante.client import Client, Rejected
from brocante.contracts.inventory import ItemCreate
from brocante.contracts.sales import SaleRecord
from brocante.contracts.values import Money
from tests.support.installation import Installation, installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]


@pytest.fixture(scope="module")
def brocante(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data: Path = tmp_path_factory.mktemp("client") / "data"
    with installation(data) as one:
        yield one


@pytest.fixture(params=["http", "kafka"])
async def client(
    request: pytest.FixtureRequest, brocante: Installation
) -> AsyncIterator[tuple[str, Client]]:
    how = request.param
    made = (
        Client.over_http(brocante.up["http"], brocante.up["token"])
        if how == "http"
        else Client.over_kafka(brocante.up["kafka"])
    )
    async with made as connected:
        yield how, connected


async def test_a_piece_goes_on_sale_is_sold_and_comes_back(client: tuple[str, Client]) -> None:
    how, app = client
    item_id = f"desk-{how}"
    item = ItemCreate(
        item_id=item_id,
        sku=item_id,
        title="Writing desk",
        price=Money(amount="1800.00", currency="USD"),
        images=["https://images.invalid/desk.jpg"],
    )
    await (await app.create_item(item)).answer()
    shown = await (await app.activate(item_id, "ebay", "etsy")).settled()
    assert {m: one["observed"] for m, one in shown["listings"].items()} == {
        "ebay": "active",
        "etsy": "active",
    }
    sale = SaleRecord(
        sale_id=f"etsy:{how}-1", item_id=item_id, marketplace="etsy", sold_at=datetime.now(UTC)
    )
    await (await app.record_sale(sale)).settled()
    back = await (await app.cancel_sale(sale.sale_id, reason="unpaid")).settled()
    assert {m: one["observed"] for m, one in back["listings"].items()} == {
        "ebay": "inactive",
        "etsy": "active",
    }


async def test_what_a_rule_refuses_is_raised_with_its_code(client: tuple[str, Client]) -> None:
    _, app = client
    with pytest.raises(Rejected) as refused:
        await (await app.cancel_sale("etsy:never-sold")).answer()
    assert refused.value.code == "unknown_sale"
