"""What really happened: calls, listing states, orders and webhook deliveries.

The test rig checks invariants against this, so nothing is ever dropped from it except by reset.
"""

from typing import Any

from sandbox.market.calls import Call
from sandbox.market.clock import Clock
from sandbox.market.store import Store

CALL_FIELDS = ("at", "marketplace", "account", "method", "path", "sku", "status", "fault")
STATE_FIELDS = ("marketplace", "sku", "external_id", "state", "since", "until")
WEBHOOK_FIELDS = ("at", "marketplace", "account", "topic", "id", "status", "fault")
ORDER_FIELDS = ("order_id", "sale_id", "marketplace", "sku", "external_id", "at", "canceled_at")


class Ledger:
    """Appends to and reads the ledger tables."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def call(self, marketplace: str, call: Call, status: int | None, fault: str | None) -> None:
        """One call, `at` when it came; `status` None: the connection was cut without an answer."""
        self._store.execute(
            "INSERT INTO calls (at, marketplace, account, method, path, sku, status, fault)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            call.came_at,
            marketplace,
            call.account,
            call.method,
            call.path,
            call.sku,
            status,
            fault,
        )

    def webhook(
        self,
        marketplace: str,
        account: str,
        topic: str,
        webhook_id: str,
        *,
        status: int | None,
        fault: str | None = None,
    ) -> None:
        """One delivery attempt; `status` None: no answer, or never sent (`fault` says why)."""
        self._store.execute(
            "INSERT INTO webhooks (at, marketplace, account, topic, id, status, fault)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            self._clock.stamp(),
            marketplace,
            account,
            topic,
            webhook_id,
            status,
            fault,
        )

    def state(self, marketplace: str, sku: str, external_id: str, state: str | None) -> None:
        """A listing shows another state from now on; None: it is gone."""
        now = self._clock.stamp()
        self._store.execute(
            "UPDATE states SET until = ? WHERE marketplace = ? AND external_id = ?"
            " AND until IS NULL",
            now,
            marketplace,
            external_id,
        )
        if state is not None:
            self._store.execute(
                "INSERT INTO states (marketplace, sku, external_id, state, since)"
                " VALUES (?, ?, ?, ?, ?)",
                marketplace,
                sku,
                external_id,
                state,
                now,
            )

    def read(self) -> dict[str, list[dict[str, Any]]]:
        """All of it, oldest first."""
        orders = self._store.all("order").values()
        return {
            "calls": self._rows("calls", CALL_FIELDS),
            "states": self._rows("states", STATE_FIELDS),
            "orders": [{name: order.get(name) for name in ORDER_FIELDS} for order in orders],
            "webhooks": self._rows("webhooks", WEBHOOK_FIELDS),
        }

    def _rows(self, table: str, fields: tuple[str, ...]) -> list[dict[str, Any]]:
        rows = self._store.execute(
            f"SELECT {', '.join(fields)} FROM {table} ORDER BY n"  # noqa: S608 - constants above
        )
        return [dict(zip(fields, row, strict=True)) for row in rows]
