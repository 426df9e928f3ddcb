"""What every page stands on: sessions, headers, navigation, live changes."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browsing import NARROW
from tests.support.installation import Installation

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.timeout(200)]


@pytest.fixture(scope="module", autouse=True)
def _clock(brocante: Installation) -> None:
    long = "Bracket clock by Étienne Le Noir, with a title that is as long as they get"
    brocante.create("clock-1", title=long)
    brocante.activate("clock-1", "ebay", "etsy")


def test_the_printed_link_opened_a_real_session(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Inventory", level=1)).to_be_visible()
    row = page.get_by_role("row").filter(has_text="clock-1")
    expect(row.get_by_role("link", name="eBay: active")).to_be_visible()
    assert [cookie.get("httpOnly") for cookie in page.context.cookies()] == [True]


def test_the_link_works_once(session: object, browser: Browser, brocante: Installation) -> None:
    assert session
    stranger = browser.new_page()
    stranger.goto(brocante.up["sign_in"])
    expect(stranger.get_by_role("alert")).to_contain_text("used already")
    stranger.goto(brocante.up["http"] + "/inventory?query=clock")
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    stranger.close()


def test_the_menu_of_a_narrow_screen_opens_by_keyboard(page: Page) -> None:
    page.set_viewport_size(NARROW)
    page.goto("/inventory")
    expect(page.get_by_role("link", name="Sold", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Menu").press("Enter")
    expect(page.get_by_role("link", name="Sold", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Sold", exact=True)).to_be_hidden()


def test_no_page_lets_foreign_or_inline_script_or_style_in(page: Page) -> None:
    answer = page.goto("/inventory")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "style=" not in page.content()


def test_what_changed_between_the_page_and_its_live_stream_is_shown(
    page: Page, brocante: Installation
) -> None:
    brocante.create("late-chair")
    assert brocante.activate("late-chair", "ebay").status_code == 200
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/v1/events", hold)
    page.goto("/inventory?query=late-chair")
    listing = page.get_by_role("row").filter(has_text="late-chair").get_by_role("link", name="eBay")
    expect(listing).to_have_accessible_name("eBay: active")
    asked = {"marketplaces": ["ebay"]}
    assert brocante.command("POST", "/items/late-chair/deactivate", asked).status_code == 200
    expect(listing).to_have_accessible_name("eBay: active")
    for route in held:
        route.continue_()
    expect(listing).to_have_accessible_name("eBay: inactive", timeout=20_000)
