"""`marketplaces.toml`: which marketplaces there are, where they are called, how they are verified.

    [ebay]
    adapter = "ebay"
    base_url = "https://api.ebay.com"
    [ebay.webhooks]
    scheme = "ebay"
    event_id = "body:/notification/notificationId"
    [[ebay.accounts]]
    account = "main"
    dealer = "main"
    credentials = { client_id = "...", client_secret = { file = "/run/secrets/ebay" } }

A secret is text, or `{ file = "..." }`, or `{ variable = "..." }`.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from brocante.contracts.values import DEFAULT_DEALER, ID_PATTERN, MARKETPLACE_PATTERN
from brocante.settings import BadConfiguration

Scheme = Literal["ebay", "shopify", "standard-webhooks"]


def _secret(value: Any) -> Any:
    """Follow `{file}` and `{variable}`."""
    if not isinstance(value, Mapping):
        return value
    if set(value) == {"file"}:
        try:
            return Path(value["file"]).read_text().strip()
        except OSError as error:
            raise ValueError(f"{value['file']} cannot be read: {error.strerror}") from error
    if set(value) == {"variable"}:
        if value["variable"] not in os.environ:
            raise ValueError(f"the environment has no {value['variable']}")
        return os.environ[value["variable"]]
    raise ValueError("a secret is text, { file = ... } or { variable = ... }")


Secret = Annotated[SecretStr, BeforeValidator(_secret)]


class Webhooks(BaseModel):
    """How deliveries are verified and told apart.

    `event_id` is `header:<name>` or `body:<JSON Pointer>`; without it a delivery is known by the
    SHA-256 of its body. `url` is our endpoint as the marketplace knows it (eBay signs it), `secret`
    the shared secret (Shopify, Standard Webhooks), `verification_token` eBay's. Signing keys of
    eBay are read below `key_url` (the marketplace's base URL without it).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: Scheme
    event_id: str | None = Field(None, pattern=r"^(header:[A-Za-z0-9-]+|body:(/[^/]+)+)$")
    secret: Secret | None = None
    verification_token: Secret | None = None
    url: str | None = None
    key_url: str | None = None


class AccountEntry(BaseModel):
    """A dealer's account there. `defaults` are part of every listing's content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str = Field("main", pattern=ID_PATTERN)
    dealer: str = Field(DEFAULT_DEALER, pattern=ID_PATTERN)
    credentials: dict[str, Secret] = {}
    defaults: dict[str, Any] = {}


class MarketplaceEntry(BaseModel):
    """One marketplace. `limits` replaces figures of the adapter's documented rate windows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    adapter: str
    base_url: str = Field(pattern=r"^https?://")
    limits: dict[str, int] = {}
    webhooks: Webhooks | None = None
    accounts: tuple[AccountEntry, ...] = ()


def load_marketplaces(path: Path) -> dict[str, MarketplaceEntry]:
    """Every marketplace by slug; BadConfiguration names every problem at once."""
    try:
        declared = tomllib.loads(path.read_text())
    except OSError as error:
        raise BadConfiguration(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(f"{path}: {error}") from error
    found: dict[str, MarketplaceEntry] = {}
    problems: list[str] = []
    for slug, entry in declared.items():
        if not re.fullmatch(MARKETPLACE_PATTERN[1:-1], slug):
            problems.append(f"{path}: {slug} is no marketplace's name")
            continue
        try:
            found[slug] = MarketplaceEntry.model_validate(entry)
        except ValidationError as error:
            problems += [f"{path}: {slug}{_place(p['loc'])}: {p['msg']}" for p in error.errors()]
    if problems:
        raise BadConfiguration("\n".join(problems))
    return found


def _place(location: tuple[int | str, ...]) -> str:
    return "".join(f".{part}" for part in location)
