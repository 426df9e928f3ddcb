"""Settings of the gateway, beside those every service has."""

from typing import Self

from pydantic import Field, SecretStr, model_validator

from brocante.settings import Settings

SHORTEST_TOKEN = 32


class GatewaySettings(Settings):
    """Where it listens, how it is known from outside, and what it takes at most."""

    http_port: int = Field(8080, ge=0, le=65535, description="0: a free one is taken.")
    public_url: str | None = Field(
        None, pattern=r"^https?://[^/]+$", description="How browsers reach it: scheme and host."
    )
    owner_token: SecretStr | None = Field(
        None, description="Given to bootstrap so that the owner's token stays what it is."
    )
    body_limit: int = Field(1024 * 1024, ge=1024, description="Of a request's JSON, in bytes.")
    import_limit: int = Field(
        32 * 1024 * 1024, ge=1024, description="Of an imported file, in bytes."
    )
    picture_limit: int = Field(
        10 * 1024 * 1024, ge=1024, description="Of a picture given or fetched, in bytes."
    )
    fetch_pictures: bool = Field(
        False, description="Fetch each item's first picture from its address, to show it small."
    )
    fetch_private_pictures: bool = Field(
        False, description="Fetch from addresses of one's own network too."
    )
    fetch_seconds: float = Field(10.0, gt=0, description="A picture must come in that time.")
    webhook_limit: int = Field(1024 * 1024, ge=1024, description="Of a webhook's body, in bytes.")
    body_seconds: float = Field(10.0, gt=0, description="A body must be complete in that time.")
    repeat_seconds: float = Field(
        5.0, gt=0, description="What is not answered by then is published again."
    )
    longest_wait: float = Field(60.0, ge=0, description="Of `Prefer: wait`, in seconds.")
    session_hours: float = Field(12.0, gt=0, description="How long a session lasts.")
    key_cache_seconds: float = Field(3600.0, ge=0, description="eBay's signing keys are kept.")

    @model_validator(mode="after")
    def _token_is_long_enough(self) -> Self:
        token = self.owner_token
        if token is not None and len(token.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"owner_token needs at least {SHORTEST_TOKEN} characters")
        return self
