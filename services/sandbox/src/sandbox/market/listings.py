"""Which listings each marketplace shows, in the words of *observed*, and since when."""

from dataclasses import asdict, dataclass

from sandbox.market.ledger import Ledger
from sandbox.market.store import Store


@dataclass(frozen=True, slots=True)
class Shown:
    """One listing as the control API shows it; `sku` is the external SKU."""

    marketplace: str
    account: str
    dealer_id: str
    external_id: str
    sku: str
    state: str


class Listings:
    """The listings on show, found by external id or by SKU; every change goes to the ledger."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger

    def show(self, shown: Shown) -> bool:
        """Record what a listing shows now; says whether that is news."""
        key = f"{shown.marketplace}/{shown.external_id}"
        record = asdict(shown)
        before = self._store.get("shown", key)
        if before == record:
            return False
        self._store.put("shown", key, record)
        sku_key = f"{shown.marketplace}/{shown.account}/{shown.sku}"
        self._store.put("shown_sku", sku_key, {"external_id": shown.external_id})
        if before is None or before["state"] != shown.state or before["sku"] != shown.sku:
            self._ledger.state(shown.marketplace, shown.sku, shown.external_id, shown.state)
        return True

    def hide(self, marketplace: str, external_id: str) -> None:
        """A listing is gone (deleted, or replaced by a new one)."""
        gone = self.by_id(marketplace, external_id)
        if gone is None:
            return
        self._store.delete("shown", f"{marketplace}/{external_id}")
        sku_key = f"{marketplace}/{gone.account}/{gone.sku}"
        current = self._store.get("shown_sku", sku_key)
        if current and current["external_id"] == external_id:
            self._store.delete("shown_sku", sku_key)
        self._ledger.state(marketplace, gone.sku, external_id, None)

    def by_id(self, marketplace: str, external_id: str) -> Shown | None:
        """The listing with this external id."""
        record = self._store.get("shown", f"{marketplace}/{external_id}")
        return Shown(**record) if record else None

    def by_sku(self, marketplace: str, account: str, sku: str) -> Shown | None:
        """The newest listing with this external SKU."""
        found = self._store.get("shown_sku", f"{marketplace}/{account}/{sku}")
        return self.by_id(marketplace, found["external_id"]) if found else None

    def all(self) -> list[Shown]:
        """Every listing on show."""
        return [Shown(**record) for record in self._store.all("shown").values()]
