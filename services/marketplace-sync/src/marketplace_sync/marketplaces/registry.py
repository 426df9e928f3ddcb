"""The adapters there are: the one place that names each marketplace's folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx2

from marketplace_sync.marketplaces.calls import Calls, Gate, Observe, TokenSource
from marketplace_sync.marketplaces.contract import Account, Adapter
from marketplace_sync.marketplaces.ebay.adapter import EbayAdapter
from marketplace_sync.marketplaces.ebay.client import EbayToken
from marketplace_sync.marketplaces.etsy.adapter import EtsyAdapter
from marketplace_sync.marketplaces.etsy.client import EtsyToken
from marketplace_sync.marketplaces.shopify.adapter import ShopifyAdapter
from marketplace_sync.marketplaces.shopify.client import ShopifyToken


@dataclass(frozen=True, slots=True)
class Entry:
    """How an adapter and its access are made."""

    adapter: Callable[[Account, Calls], Adapter]
    token: Callable[[httpx2.AsyncClient, str, Mapping[str, str]], TokenSource]


ADAPTERS: dict[str, Entry] = {
    "ebay": Entry(EbayAdapter, EbayToken),
    "etsy": Entry(EtsyAdapter, EtsyToken),
    "shopify": Entry(ShopifyAdapter, ShopifyToken),
}


def build(
    name: str,
    account: Account,
    http: httpx2.AsyncClient,
    *,
    gate: Gate | None = None,
    observe: Observe | None = None,
    timeout: float = 10.0,
) -> Adapter:
    """The adapter of one account; KeyError when there is none of that name."""
    entry = ADAPTERS[name]
    calls = Calls(http, account.base_url, timeout=timeout)
    calls.token = entry.token(http, account.base_url, account.credentials)
    calls.gate = gate or calls.gate
    calls.observe = observe or calls.observe
    return entry.adapter(account, calls)
