"""Inventory's messages as tests say and read them."""

from typing import Any

from brocante.contracts.answers import CommandRejected
from brocante.contracts.inventory import ItemActivate, ItemCreate
from brocante.contracts.listings import ListingActivated
from brocante.contracts.sales import SaleCanceled, SaleRecorded
from brocante.contracts.snapshot import ItemChanged
from brocante.contracts.values import Issue
from tests.support.tables import START, Driven

CREATE = ItemCreate.model_validate(
    {
        "item_id": "lamp",
        "sku": "91.10",
        "title": "Brass lamp",
        "price": {"amount": "1250.00", "currency": "EUR"},
        "attributes": {"period": "1920s"},
        "listings": {"ebay": {"details": {"title": "Lamp, brass"}}, "etsy": {}},
    }
)
WIRE_ISSUE = Issue(
    marketplace="ebay",
    code="code",
    category="system",
    field="/f",
    message="What.",
    action="Do.",
    severity="warning",
    retryable=True,
    marketplace_code="m-1",
)
ACTIVATE = ItemActivate(item_id="lamp", marketplaces=["*"])


def sold(sale_id: str = "s1", marketplace: str = "ebay", **more: Any) -> SaleRecorded:
    return SaleRecorded(
        sale_id=sale_id,
        sale_version=1,
        item_id="lamp",
        marketplace=marketplace,
        sold_at=START,
        recorded_at=START,
        **more,
    )


def canceled(sale_id: str = "s1", marketplace: str = "ebay", **more: Any) -> SaleCanceled:
    resolved = {"relist": "origin", "availability": "available"} | more
    return SaleCanceled.model_validate(
        {
            "sale_id": sale_id,
            "sale_version": 2,
            "item_id": "lamp",
            "marketplace": marketplace,
            "canceled_at": START,
            **resolved,
        }
    )


def activated(driven: Driven, marketplace: str) -> ListingActivated:
    return ListingActivated(
        item_id="lamp",
        marketplace=marketplace,
        intent=driven.state("main/lamp").listings[marketplace].intent,
        external_id=f"{marketplace}-1",
        observed="active",
        observed_at=driven.now,
        source="read_back",
        verified=True,
    )


def snapshot(driven: Driven) -> ItemChanged:
    (one,) = driven.said(ItemChanged)
    return one


def code(driven: Driven) -> tuple[str, str | None]:
    (rejected,) = driven.said(CommandRejected)
    return rejected.code, rejected.field
