"""How to reach the broker: the same settings for aiokafka's clients and for FastStream."""

import ssl
from typing import Any

from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from brocante.settings import Settings


def aiokafka_options(settings: Settings) -> dict[str, Any]:
    """Options of any aiokafka client."""
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka.split(",")}
    if settings.kafka_security != "PLAINTEXT":
        options["security_protocol"] = settings.kafka_security
    if "SSL" in settings.kafka_security:
        options["ssl_context"] = _ssl_context(settings)
    if "SASL" in settings.kafka_security:
        options["sasl_mechanism"] = settings.kafka_sasl_mechanism
        options["sasl_plain_username"] = settings.kafka_username
        options["sasl_plain_password"] = _password(settings)
    return options


def faststream_options(settings: Settings) -> dict[str, Any]:
    """Options of FastStream's broker."""
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka.split(",")}
    if settings.kafka_security != "PLAINTEXT":
        options["security"] = _security(settings)
    return options


def _security(settings: Settings) -> BaseSecurity:
    over_tls = "SSL" in settings.kafka_security
    context = _ssl_context(settings) if over_tls else None
    if "SASL" not in settings.kafka_security:
        return BaseSecurity(ssl_context=context, use_ssl=over_tls)
    kinds: dict[str, type[SASLPlaintext | SASLScram256 | SASLScram512]] = {
        "PLAIN": SASLPlaintext,
        "SCRAM-SHA-256": SASLScram256,
        "SCRAM-SHA-512": SASLScram512,
    }
    return kinds[settings.kafka_sasl_mechanism](
        username=settings.kafka_username or "",
        password=_password(settings),
        ssl_context=context,
        use_ssl=over_tls,
    )


def _ssl_context(settings: Settings) -> ssl.SSLContext:
    cafile = str(settings.kafka_ca_file) if settings.kafka_ca_file else None
    return ssl.create_default_context(cafile=cafile)


def _password(settings: Settings) -> str:
    return settings.kafka_password.get_secret_value() if settings.kafka_password else ""
