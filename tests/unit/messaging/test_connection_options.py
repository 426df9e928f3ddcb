"""How to reach a broker: what aiokafka and FastStream are told, for each kind of security."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512
from pydantic import SecretStr

from brocante.messaging.connection import aiokafka_options, faststream_options
from brocante.settings import Settings


def settings(security: str = "PLAINTEXT", **more: Any) -> Settings:
    return Settings(kafka="one:9092,two:9092", kafka_security=security, **more)


NAMED = {"kafka_username": "anna", "kafka_password": SecretStr("secret")}


def test_a_plain_broker_needs_nothing_but_its_servers() -> None:
    servers = {"bootstrap_servers": ["one:9092", "two:9092"]}
    assert aiokafka_options(settings()) == servers
    assert faststream_options(settings()) == servers


def test_over_tls_certificates_are_checked() -> None:
    options = aiokafka_options(settings("SSL"))
    context = options.pop("ssl_context")
    assert options.pop("security_protocol") == "SSL"
    assert set(options) == {"bootstrap_servers"}
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


def test_with_a_password_over_tls_everything_is_told() -> None:
    options = aiokafka_options(settings("SASL_SSL", **NAMED))
    assert isinstance(options.pop("ssl_context"), ssl.SSLContext)
    assert options == {
        "bootstrap_servers": ["one:9092", "two:9092"],
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "anna",
        "sasl_plain_password": "secret",
    }


def test_with_a_password_and_without_tls_there_is_no_certificate() -> None:
    options = aiokafka_options(settings("SASL_PLAINTEXT", kafka_sasl_mechanism="PLAIN", **NAMED))
    assert "ssl_context" not in options
    assert (options["security_protocol"], options["sasl_mechanism"]) == ("SASL_PLAINTEXT", "PLAIN")


def test_no_password_is_an_empty_one() -> None:
    options = aiokafka_options(settings("SASL_PLAINTEXT"))
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == (None, "")


def test_a_ca_file_of_ones_own_is_used(tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    for options in (aiokafka_options, faststream_options):
        with pytest.raises(FileNotFoundError):
            options(settings("SSL", kafka_ca_file=missing))


@pytest.mark.parametrize(
    ("mechanism", "kind"),
    [("PLAIN", SASLPlaintext), ("SCRAM-SHA-256", SASLScram256), ("SCRAM-SHA-512", SASLScram512)],
)
@pytest.mark.parametrize("security", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_faststream_is_told_the_same(mechanism: str, kind: type, security: str) -> None:
    options = faststream_options(settings(security, kafka_sasl_mechanism=mechanism, **NAMED))
    told = options["security"]
    assert type(told) is kind
    assert isinstance(told, SASLPlaintext | SASLScram256 | SASLScram512)
    assert (told.username, told.password) == ("anna", "secret")
    assert told.use_ssl is (security == "SASL_SSL")
    assert isinstance(told.ssl_context, ssl.SSLContext) == (security == "SASL_SSL")


def test_faststream_is_told_of_tls_without_a_password() -> None:
    told = faststream_options(settings("SSL"))["security"]
    assert type(told) is BaseSecurity
    assert told.use_ssl is True
    assert isinstance(told.ssl_context, ssl.SSLContext)


def test_faststream_gets_an_empty_name_for_none() -> None:
    told = faststream_options(settings("SASL_PLAINTEXT"))["security"]
    assert (told.username, told.password) == ("", "")
