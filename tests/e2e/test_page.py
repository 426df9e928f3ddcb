"""The one plain page, in Chromium: signed in by the printed link, readable in every form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.installation import Installation, installation

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.timeout(200)]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NARROW = 320


@pytest.fixture(scope="module")
def brocante(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data: Path = tmp_path_factory.mktemp("page") / "data"
    with installation(data) as one:
        one.create(
            "clock-1", title="Bracket clock by Étienne Le Noir, with a title as long as they get"
        )
        one.activate("clock-1", "ebay", "etsy")
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not there")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, brocante: Installation) -> Page:
    page = browser.new_page()
    page.goto(brocante.up["sign_in"])
    return page


def test_the_sign_in_link_opens_the_page_with_a_real_session(signed_in: Page) -> None:
    expect(signed_in.get_by_role("heading", name="What is where")).to_be_visible()
    row = signed_in.get_by_role("row").filter(has_text="clock-1")
    expect(row).to_contain_text("ebay: active")
    cookies = signed_in.context.cookies()
    assert [cookie["httpOnly"] for cookie in cookies] == [True]


def test_the_link_works_once(signed_in: Page, browser: Browser, brocante: Installation) -> None:
    assert signed_in.url
    stranger = browser.new_page()
    stranger.goto(brocante.up["sign_in"])
    expect(stranger.get_by_text("used already")).to_be_visible()
    stranger.goto(brocante.up["http"])
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_narrow_screen_in_either_scheme(
    signed_in: Page, scheme: str, tmp_path: Path
) -> None:
    signed_in.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    signed_in.set_viewport_size({"width": NARROW, "height": 800})
    signed_in.reload()
    width = signed_in.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW
    signed_in.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)


def test_signing_out_ends_the_session(signed_in: Page, brocante: Installation) -> None:
    signed_in.get_by_role("button", name="Sign out").focus()
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_role("heading", name="Sign in")).to_be_visible()
    signed_in.goto(brocante.up["http"])
    expect(signed_in.get_by_role("heading", name="Sign in")).to_be_visible()
