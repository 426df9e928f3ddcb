"""One installation, one browser and a session for the tests of the console."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.support.browsing import WIDE, chromium, signed_in_state
from tests.support.installation import Installation, installation


# For a module, not for the session: idle installations would slow all tests that come later.
@pytest.fixture(scope="module")
def brocante(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("console") / "data") as one:
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def session(brocante: Installation) -> StorageState:
    return signed_in_state(brocante)


@pytest.fixture
def page(browser: Browser, brocante: Installation, session: StorageState) -> Iterator[Page]:
    """A page of somebody who is signed in; a script's mistake fails the test."""
    context = browser.new_context(
        storage_state=session, base_url=brocante.up["http"], viewport=WIDE
    )
    one = context.new_page()
    mistakes: list[str] = []
    one.on("pageerror", lambda error: mistakes.append(str(error)))
    yield one
    context.close()
    assert mistakes == []


@pytest.fixture
def plain_page(browser: Browser, brocante: Installation, session: StorageState) -> Iterator[Page]:
    """The same without JavaScript."""
    context = browser.new_context(
        storage_state=session,
        base_url=brocante.up["http"],
        viewport=WIDE,
        java_script_enabled=False,
    )
    yield context.new_page()
    context.close()
