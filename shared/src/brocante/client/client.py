"""The client: one method per command, each giving a handle."""

import uuid
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from brocante.client.handle import Handle, Transport
from brocante.client.over_http import OverHttp
from brocante.client.over_kafka import OverKafka
from brocante.contracts.inventory import (
    ItemActivate,
    ItemCreate,
    ItemDeactivate,
    ItemDelete,
    ItemHold,
    ItemRelease,
    ItemUpdate,
)
from brocante.contracts.message import Command
from brocante.contracts.sales import SaleCancel, SaleRecord
from brocante.contracts.values import DEFAULT_DEALER, CancelReason, Relist
from brocante.settings import Settings


class Client:
    """Speaks to Brocante; use it as an asynchronous context manager."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @classmethod
    def over_http(cls, url: str, token: str) -> Self:
        """By the gateway at `url`, with an API token."""
        return cls(OverHttp(url, token))

    @classmethod
    def over_kafka(
        cls, kafka: str, *, source: str = "brocante/client", dealer: str = DEFAULT_DEALER
    ) -> Self:
        """By the broker at `kafka` (host:port); other settings come from `BROCANTE_…`."""
        return cls(OverKafka(Settings(kafka=kafka), source, dealer))

    async def __aenter__(self) -> Self:
        await self._transport.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._transport.stop()

    async def send(self, command: Command, command_id: str | None = None) -> Handle:
        """Send any command; with a `command_id` of your own it may safely be sent again."""
        id_ = command_id or str(uuid.uuid4())
        await self._transport.send(command, id_)
        return Handle(command, id_, self._transport)

    async def create_item(self, item: ItemCreate) -> Handle:
        """Create an item."""
        return await self.send(item)

    async def update_item(self, item_id: str, changes: dict[str, Any]) -> Handle:
        """Change an item by a JSON merge patch."""
        return await self.send(ItemUpdate(item_id=item_id, changes=changes))

    async def activate(self, item_id: str, *marketplaces: str) -> Handle:
        """Put on sale on these marketplaces, or on every connected one."""
        return await self.send(
            ItemActivate(item_id=item_id, marketplaces=list(marketplaces) or ["*"])
        )

    async def deactivate(self, item_id: str, *marketplaces: str) -> Handle:
        """Take off sale on these marketplaces, or on every connected one."""
        return await self.send(
            ItemDeactivate(item_id=item_id, marketplaces=list(marketplaces) or ["*"])
        )

    async def hold(self, item_id: str, *marketplaces: str, until: datetime | None = None) -> Handle:
        """Take off sale for a while."""
        return await self.send(
            ItemHold(item_id=item_id, marketplaces=list(marketplaces) or ["*"], until=until)
        )

    async def release(self, item_id: str, *marketplaces: str) -> Handle:
        """End a hold."""
        return await self.send(
            ItemRelease(item_id=item_id, marketplaces=list(marketplaces) or ["*"])
        )

    async def delete_item(self, item_id: str) -> Handle:
        """Hide an item and take it off sale everywhere."""
        return await self.send(ItemDelete(item_id=item_id))

    async def record_sale(self, sale: SaleRecord) -> Handle:
        """Record a sale."""
        return await self.send(sale)

    async def cancel_sale(
        self, sale_id: str, *, reason: CancelReason | None = None, relist: Relist | None = None
    ) -> Handle:
        """Cancel a sale here; the order on the marketplace is neither canceled nor refunded."""
        return await self.send(SaleCancel(sale_id=sale_id, reason=reason, relist=relist))
