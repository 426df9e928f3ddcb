"""Writes the `marketplaces.toml` of an installation: three marketplaces, played by the sandbox.

The sandbox says itself what its accounts are and how its webhooks are signed.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import httpx2

# Where each marketplace puts the id of an event (docs/marketplaces, Webhooks).
EVENT_IDS = {
    "ebay": "body:/notification/notificationId",
    "etsy": "header:webhook-id",
    "shopify": "header:X-Shopify-Event-Id",
}
# The sandbox's rate windows are wide, so that nobody waits for a simulated marketplace. These keep
# below what it enforces; the real figures are the adapters' own.
LIMITS: Mapping[str, Mapping[str, int]] = {
    "etsy": {"second": 400, "day": 900_000},
    "shopify": {"second": 150},
}


async def marketplaces_toml(sandbox: str, limits: Mapping[str, Mapping[str, int]] = LIMITS) -> str:
    """Ask the sandbox and give the file's text. It holds secrets."""
    async with httpx2.AsyncClient(base_url=sandbox, timeout=30, trust_env=False) as client:
        accounts = (await client.get("/control/accounts")).raise_for_status().json()
        webhooks = (await client.get("/control/webhooks")).raise_for_status().json()
    return as_toml(accounts, webhooks, limits)


def as_toml(
    accounts: Iterable[Mapping[str, Any]],
    webhooks: Iterable[Mapping[str, Any]],
    limits: Mapping[str, Mapping[str, int]] = LIMITS,
) -> str:
    """The file's text."""
    by_account = {(w["marketplace"], w["account"]): w for w in webhooks}
    lines = ["# Written at each start by `brocante up`: every marketplace is the sandbox's.", ""]
    for account in accounts:
        slug = account["marketplace"]
        webhook = by_account[slug, account["account"]]
        lines += [
            f"[{slug}]",
            f"adapter = {_text(slug)}",
            f"base_url = {_text(account['base_url'])}",
            *_pairs({"limits": limits.get(slug)}),
            "",
            f"[{slug}.webhooks]",
            f"scheme = {_text(webhook['scheme'])}",
            f"event_id = {_text(EVENT_IDS[slug])}",
            *_pairs({k: webhook.get(k) for k in ("secret", "verification_token", "url")}),
            "",
            f"[[{slug}.accounts]]",
            f"account = {_text(account['account'])}",
            f"dealer = {_text(account['dealer_id'])}",
            *_pairs({"credentials": account["credentials"], "defaults": account["defaults"]}),
            "",
        ]
    return "\n".join(lines)


def _pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_value(value)}" for name, value in values.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = (f"{_text(k)} = {_value(v)}" for k, v in value.items() if v is not None)
        return f"{{ {', '.join(inner)} }}"
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    return json.dumps(value) if isinstance(value, bool | int | float) else _text(str(value))


def _text(text: str) -> str:
    # JSON's escapes are TOML's, except that TOML also wants DEL escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
