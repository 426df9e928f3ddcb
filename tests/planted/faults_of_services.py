"""Faults in the rules of inventory, and in what the gateway keeps."""

import uuid
from typing import Any

from msgspec.structs import replace

from tests.planted.planting import Put, fault


@fault("sale-version-ignored", "inventory.domain.selling", "a late sale event counts again")
def sale_version_ignored(selling: Any, put: Put) -> None:
    """A recording that comes after the cancellation sells the item once more."""
    real = selling.apply

    def fresh(item: Any, item_id: str, event: Any, now: Any) -> Any:
        if item is not None:
            versions = {i: v for i, v in item.sale_versions.items() if i != event.sale_id}
            item = replace(item, sale_versions=versions)
        return real(item, item_id, event, now)

    put(selling, "apply", fresh)


@fault("relisted-everywhere", "inventory.domain.plans", "a canceled sale relists on every place")
def relisted_everywhere(plans: Any, put: Put) -> None:
    """Rule R2 is broken: only where it was sold."""
    put(plans, "_relisted", lambda *_: plans.Wanted("active"))


@fault("sold-elsewhere-stays", "inventory.domain.selling", "a sale ends only its own place")
def sold_elsewhere_stays(selling: Any, put: Put) -> None:
    """Rule R1 is broken: the item stays on sale everywhere else."""
    real = selling.count

    def there(item: Any, sale: Any) -> Any:
        after = real(item, sale)
        places = {m: one for m, one in item.listings.items() if m != sale.marketplace}
        return replace(after, listings={**after.listings, **places})

    put(selling, "count", there)


@fault("webhook-dedupe-off", "gateway.records.webhooks", "every delivery is a new one")
def webhook_dedupe_off(webhooks: Any, put: Put) -> None:
    """A delivery that the marketplace repeats is kept and published again."""
    real = webhooks.Webhooks.accept

    async def anew(self: Any, dealer: str, webhook_id: str, *rest: Any) -> bool:
        return bool(await real(self, dealer, f"{webhook_id}:{uuid.uuid4()}", *rest))

    put(webhooks.Webhooks, "accept", anew)
