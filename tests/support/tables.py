"""A service's table driven without broker or database: messages in, state and messages out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from brocante.contracts.envelope import Envelope
from brocante.contracts.message import Message
from brocante.messaging.deciding import Outgoing, ServiceTable
from brocante.messaging.wire import Position, RawRecord, Received

M = TypeVar("M", bound=Message)
START = datetime(2026, 11, 24, 8, tzinfo=UTC)


async def finds_nothing(_stores: object, _batch: Sequence[Received]) -> Mapping[int, Any]:
    """For a worker that gets commands only: it looks up what deliveries are about."""
    return {}


@dataclass
class Driven:
    """Documents of a table in memory; each state goes through its stored form every time."""

    table: ServiceTable
    now: datetime = START
    stored: dict[str, Any] = field(default_factory=dict)
    last: tuple[Outgoing, ...] = ()
    count: int = 0

    def take(
        self,
        message: Message,
        *,
        source: str = "app",
        id: str | None = None,  # noqa: A002 - the word of the envelope
        found: Any = None,
        **envelope: Any,
    ) -> "Driven":
        """Decide one message, for which this was looked up."""
        self.count += 1
        self.now += timedelta(seconds=1)
        received = self.received(message, id or f"m{self.count}", source, envelope)
        received = received._replace(resolved=found)
        route = self.table.route(type(message))
        assert route is not None, f"{message.TYPE} is not routed"
        address = route.address(received)
        if address is None:
            self.last = ()
            return self
        decision = route.decide(self.state(address), received, self.now)
        kept = route.document.text(decision.state) if decision.state else None
        self.stored[address] = kept
        self.last = decision.outputs
        return self

    def state(self, address: str) -> Any:
        """The state of a document, read from its stored form."""
        kept = self.stored.get(address)
        return None if kept is None else self.table.routes[0].document.state.decode(kept)

    def received(
        self, message: Message, id_: str, source: str, envelope: Mapping[str, Any]
    ) -> Received:
        """A message as if it had just been read."""
        about = {"subject": message.subject, **envelope}
        at = Envelope(id_, source, message.TYPE, self.now, **about)
        raw = RawRecord(Position(1, "t", 0, self.count), None, b"", (), 0)
        return Received(at, message, raw)

    def said(self, kind: type[M]) -> list[M]:
        """The messages of a class that the last decision said."""
        return [out.message for out in self.last if isinstance(out.message, kind)]

    @property
    def types(self) -> list[str]:
        """The types the last decision said, in order."""
        return [out.message.TYPE for out in self.last]
