"""Every call of the Etsy adapter is one that Etsy's own description knows; its bodies are read."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema import validate as validate_json

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Money
from marketplace_sync.marketplaces.contract import (
    Account,
    CancellationSeen,
    Done,
    Link,
    OrderToRead,
    Progress,
    SaleSeen,
)
from marketplace_sync.marketplaces.etsy import mapping
from marketplace_sync.marketplaces.etsy.adapter import EtsyAdapter
from marketplace_sync.marketplaces.etsy.webhooks import decode
from tests.support.answering import BASE, Answering, Asked, Says
from tests.support.specs import spec_file, spec_json

pytestmark = pytest.mark.specs
FORM = "application/x-www-form-urlencoded"
CONTENT = Content(
    sku="91.10",
    title="Walnut chair",
    description="A side chair.",
    price=Money(amount="950.00", currency="USD"),
    attributes={"Materials": ["Walnut", "Cane"]},
)
PROPERTY = {
    "property_id": 5,
    "name": "Materials",
    "is_required": True,
    "is_multivalued": True,
    "possible_values": [{"value_id": 7, "name": "Walnut"}],
}
DEFAULTS = {
    "shop_id": "12",
    "taxonomy_id": "811",
    "who_made": "someone_else",
    "when_made": "before_1700",
    "shipping_profile_id": "3",
    "return_policy_id": "4",
}
LISTING = {"listing_id": 15, "state": "active", "quantity": 1, "url": "https://etsy.invalid/15"}


@cache
def api() -> Any:
    return yaml.safe_load(spec_file("etsy-open-api-v3.openapi.yaml").read_text())


def respond(asked: Asked) -> Says:
    if asked.path.endswith("/properties"):
        return Says({"count": 1, "results": [PROPERTY]})
    if asked.path.endswith(("/listings", "/receipts")) and asked.method == "GET":
        return Says({"count": 0, "results": []})
    if "/receipts/" in asked.path:
        return Says(spec_json("orders/etsy-getShopReceipt-paid.json")["body"])
    return Says(LISTING)


async def everything() -> list[Asked]:
    """One call of each kind that the adapter makes."""
    server = Answering(respond)
    etsy = EtsyAdapter(Account("main", "main", BASE, {}, DEFAULTS), server.calls())
    link = Link("item", "91.10")
    await etsy.find(CONTENT, link)
    step = await etsy.activate(CONTENT, 1, link)
    assert isinstance(step, Progress), step
    link = step.link
    assert isinstance(await etsy.activate(CONTENT, 1, link), Done)
    assert isinstance(await etsy.update(CONTENT, 1, link), Done)
    assert isinstance(await etsy.hold(link, None), Done)
    assert isinstance(await etsy.deactivate(link), Done)
    await etsy.requirements(None)
    await etsy.read_order("1234567890")
    await etsy.order_changes(None)
    await etsy.listing_changes(None)
    return server.asked


def operation(asked: Asked) -> Mapping[str, Any]:
    """The description's operation of a call."""
    for template, methods in api()["paths"].items():
        pattern = re.sub(r"\{\w+_id\}", r"[0-9]+", template)
        if re.fullmatch(pattern, asked.path) and asked.method.lower() in methods:
            found: Mapping[str, Any] = methods[asked.method.lower()]
            return found
    raise AssertionError(f"Etsy has no {asked.method} {asked.path}")


def typed(value: Any, schema: Mapping[str, Any]) -> Any:
    """A form's text as the type that the description gives it."""
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return int(value) if kind == "integer" else float(value)
    return [value] if kind == "array" else value


async def test_every_query_has_only_parameters_that_etsy_knows() -> None:
    for asked in await everything():
        known = {
            one["name"]: one["schema"]
            for one in operation(asked).get("parameters", ())
            if one["in"] == "query"
        }
        for name, value in asked.query.items():
            assert name in known, (asked.path, name)
            validate_json(typed(value, known[name]), known[name], cls=Draft202012Validator)


async def test_every_body_is_valid_against_etsys_description() -> None:
    bodies = [asked for asked in await everything() if asked.body is not None]
    kinds = {operation(asked)["operationId"] for asked in bodies}
    assert kinds == {
        "createDraftListing",
        "updateListing",
        "updateListingInventory",
        "updateListingProperty",
    }
    for asked in bodies:
        (wanted,) = operation(asked)["requestBody"]["content"].values()
        name = wanted["schema"]["$ref"].rsplit("/", 1)[-1]
        schema = api()["components"]["schemas"][name]
        assert set(asked.body) <= set(schema["properties"]), asked
        is_form = asked.headers["content-type"] == FORM
        body = {
            key: typed(value, schema["properties"][key]) if is_form else value
            for key, value in asked.body.items()
        }
        whole = {"$ref": f"#/components/schemas/{name}", "components": api()["components"]}
        validate_json(body, whole, cls=Draft202012Validator)


async def test_every_body_is_sent_as_etsy_takes_it() -> None:
    for asked in await everything():
        if asked.body is None:
            continue
        one = operation(asked)
        # Described as a form, of which Etsy keeps only the last of several values; JSON is whole.
        if one["operationId"] == "updateListingProperty":
            assert asked.headers["content-type"] == "application/json"
            assert asked.body == {"value_ids": [7], "values": ["Walnut", "Cane"]}
        else:
            assert asked.headers["content-type"] in one["requestBody"]["content"]


def test_a_real_receipt_gives_price_quantity_and_times() -> None:
    (sale,) = mapping.notices(spec_json("orders/etsy-getShopReceipt-paid.json")["body"])
    assert sale == SaleSeen(
        "etsy:4000000001",
        "1234567890",
        "1500000001",
        "TEST-SKU-1-BLUE",
        2,
        Money(amount="27.99", currency="USD"),
        datetime(2026, 4, 15, 12, 1, tzinfo=UTC),
    )


def test_a_real_canceled_receipt_gives_the_sale_and_its_cancellation() -> None:
    found = mapping.notices(spec_json("orders/etsy-getShopReceipt-canceled.json")["body"])
    assert found[1:] == [
        CancellationSeen(
            "etsy:4000000001", "1234567890", None, datetime(2026, 4, 16, 12, 0, tzinfo=UTC)
        )
    ]
    assert isinstance(found[0], SaleSeen)


@pytest.mark.parametrize(("name", "receipt"), [("paid", "54321"), ("canceled", "1234567890")])
def test_a_real_webhook_names_a_receipt_whatever_its_host_and_shop(name: str, receipt: str) -> None:
    one = spec_json(f"webhooks/etsy/order.{name}.json")
    assert decode(one["headers"], one["body"].encode()) == [OrderToRead(receipt)]
