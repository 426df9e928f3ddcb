"""Settings of the sandbox; each is an environment variable `BROCANTE_SANDBOX_<NAME>`."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Slug = Literal["ebay", "etsy", "shopify"]
SLUGS: tuple[Slug, ...] = ("ebay", "etsy", "shopify")


class AccountSettings(BaseModel):
    """One seller's account on one marketplace; `gateway` overrides where its webhooks go."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    marketplace: Slug
    account: str = Field("main", pattern=r"^[A-Za-z0-9._-]{1,64}$")
    dealer: str = "main"
    gateway: str | None = None


class Limits(BaseModel):
    """Rate windows that are enforced and shown; generous, so that a demo is not about waiting.

    The real ones: Etsy 10 per second and 10,000 per day for a new application, Shopify 100 points
    per second on a standard plan, eBay 2,000,000 Inventory calls per day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ebay_per_day: int = Field(2_000_000, ge=1)
    etsy_per_second: int = Field(500, ge=1)
    etsy_per_day: int = Field(1_000_000, ge=1)
    shopify_points: float = Field(20_000, gt=0)
    shopify_points_per_second: float = Field(2_000, gt=0)


class SandboxSettings(BaseSettings):
    """What the sandbox listens on, keeps, and tells whom."""

    model_config = SettingsConfigDict(
        env_prefix="BROCANTE_SANDBOX_", env_nested_delimiter="__", extra="ignore", frozen=True
    )

    host: str = "127.0.0.1"
    port: int = Field(8900, ge=0, le=65535, description="0: a free one is taken and logged.")
    public_url: str | None = Field(None, description="Base URL others use; host and port if None.")
    data: Path | None = Field(None, description="SQLite file; None keeps everything in memory.")
    gateway: str | None = Field(None, description="Base URL that webhooks go to; None: they wait.")
    accounts: tuple[AccountSettings, ...] = tuple(AccountSettings(marketplace=s) for s in SLUGS)
    limits: Limits = Limits()
    webhook_retry_seconds: float = Field(15.0, gt=0, description="Longest gap between attempts.")
    webhook_timeout_seconds: float = Field(10.0, gt=0, description="Time limit of one delivery.")
    seed: str = Field("sandbox", min_length=1, description="Secrets and random draws come from it.")
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="Of Etsy and Shopify shops.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def base_url(self) -> str:
        """Where callers find the sandbox."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
