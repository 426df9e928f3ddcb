"""Settings every service shares; each is an environment variable `BROCANTE_<NAME>`.

All problems are reported together at start, each naming its variable and the remedy.
"""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from brocante.documents.driver import Driver

PREFIX = "BROCANTE_"


class Settings(BaseSettings):
    """What a service needs to find its broker, its database and its own ports."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    kafka: str = Field("127.0.0.1:9092", description="Bootstrap servers, host:port[,host:port].")
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    kafka_ca_file: Path | None = None
    kafka_idempotent_producer: bool = Field(
        default=False, description="On for Apache Kafka; the embedded broker has no such thing."
    )
    kafka_fetch_wait_ms: int = Field(
        20,
        ge=1,
        le=5000,
        description="How long the broker may hold an empty fetch, milliseconds: 100 for Apache"
        " Kafka, which answers as soon as there is something; the embedded broker does not.",
    )
    session_timeout_ms: int = Field(10_000, ge=1_000, description="Group membership, milliseconds.")
    topic_prefix: str = Field("", pattern=r"^[A-Za-z0-9._-]{0,64}$")
    partitions: int = Field(6, ge=1, le=1000, description="Of every topic.")
    replication: int = Field(
        1, ge=1, le=15, description="Copies of each partition; 3 or more in production."
    )
    mongo: str = Field("mongodb://127.0.0.1:27017/?directConnection=true")
    mongo_driver: Driver = "motor"
    database: str = Field("brocante", pattern=r"^[A-Za-z0-9_-]{1,63}$")
    host: str = Field("127.0.0.1", description="Address that health, metrics and HTTP listen on.")
    metrics_port: int = Field(0, ge=0, le=65535, description="0: a free one is taken.")
    marketplaces: Path = Field(Path("marketplaces.toml"), description="Declares marketplaces.")
    batch_size: int = Field(500, ge=1, le=5000, description="Messages taken at once, at most.")
    batch_seconds: float = Field(60.0, gt=0, description="Time limit of one batch.")
    publish_seconds: float = Field(20.0, gt=0, description="Time limit of one publication.")
    watchdog_seconds: float = Field(120.0, gt=0, description="No progress for so long ends us.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool | None = Field(None, description="None: JSON unless on a terminal.")


class BadConfiguration(Exception):  # noqa: N818 - it reads as a finding, not as an error class
    """Settings that cannot be used; the text has one line per problem."""


T = TypeVar("T", bound=BaseSettings)


def load(settings: type[T]) -> T:
    """Read settings from the environment, or raise BadConfiguration naming every problem."""
    try:
        return settings()
    except ValidationError as error:
        lines = [
            f"{PREFIX}{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            f" (got {problem['input']!r})"
            for problem in error.errors()
        ]
        raise BadConfiguration("\n".join(lines)) from error
