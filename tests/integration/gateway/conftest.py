"""One gateway with its services for the tests of this folder."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.support.gateway_installation import GatewayInstallation, gateway_installation


@pytest.fixture(scope="session")
def brocante(
    kafka: str, mongo: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayInstallation]:
    with gateway_installation(kafka, mongo, tmp_path_factory.mktemp("gateway")) as made:
        yield made


@pytest.fixture
def http(brocante: GatewayInstallation) -> Iterator[httpx2.Client]:
    with brocante.client() as client:
        yield client
