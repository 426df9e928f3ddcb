"""Who speaks: the `ce_source` of each service."""

from typing import Final

SALES: Final = "brocante/sales"
INVENTORY: Final = "brocante/inventory"
GATEWAY: Final = "brocante/gateway"
WORKER_PREFIX: Final = "brocante/marketplace-sync/"


def worker(marketplace: str) -> str:
    """The source of one marketplace's worker."""
    return f"{WORKER_PREFIX}{marketplace}"


def marketplace_of(source: str) -> str | None:
    """The marketplace whose worker speaks; None when somebody else does."""
    return source.removeprefix(WORKER_PREFIX) or None if is_worker(source) else None


def is_worker(source: str) -> bool:
    """Whether a message comes from a marketplace's worker."""
    return source.startswith(WORKER_PREFIX)
