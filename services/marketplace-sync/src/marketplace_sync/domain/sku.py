"""The external SKU a listing gets at its first activation; it never changes afterwards."""

import hashlib

LONGEST = 50


def external_sku(sku: str, item_id: str, *, taken: bool) -> str:
    """The item's own SKU if free on the account, else its id; 50 characters at most (eBay)."""
    chosen = item_id if taken or not sku.strip() else sku.strip()
    if len(chosen) <= LONGEST:
        return chosen
    digest = hashlib.sha256(chosen.encode()).hexdigest()[:8]
    return f"{chosen[: LONGEST - 9]}-{digest}"
