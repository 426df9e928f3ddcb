"""An item and its marketplaces' details: why it is off sale, what is missing, what is saved."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.installation import Installation, until

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.timeout(240)]
MAKER = {"field": "/attributes/maker", "label": "Maker", "required": True}
LONG = "Longcase clock by a maker whose name is as long as its case, with all that is known of it"


@pytest.fixture(scope="module", autouse=True)
def _lamp(brocante: Installation) -> Iterator[None]:
    brocante.sandbox.put("/control/shopify/requirements", json={"fields": [MAKER]})

    def asks() -> bool:
        answer = brocante.http.get("/api/v1/marketplaces/shopify/requirements")
        return any(one["label"] == "Maker" for one in answer.json()["fields"])

    until(asks, "Shopify asks for a maker")
    brocante.create("lamp-1", title=LONG)
    brocante.activate("lamp-1")
    yield
    brocante.sandbox.put("/control/shopify/requirements", json={"fields": []})
    until(lambda: not asks(), "Shopify asks for no maker")


def test_why_it_is_not_on_sale_is_said_and_the_field_linked(page: Page) -> None:
    page.goto("/items/lamp-1")
    card = page.get_by_role("article", name="Shopify")
    expect(card).to_contain_text("Why it is not on sale: Shopify did not take it")
    card.get_by_role("link", name="Maker").click()
    expect(page.get_by_role("heading", name="Shopify details", level=1)).to_be_visible()
    field = page.get_by_role("textbox", name=re.compile("^Maker"))
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_attribute("aria-required", "true")


def test_what_is_filled_in_is_saved_and_no_longer_missing(
    plain_page: Page, brocante: Installation
) -> None:
    plain_page.goto("/items/lamp-1/listings/shopify")
    plain_page.get_by_role("textbox", name=re.compile("^Maker")).fill("Jacob")
    plain_page.get_by_role("button", name="Save").click()

    def saved() -> bool:
        details = brocante.item("lamp-1")["listings"]["shopify"].get("details", {})
        return bool(details.get("attributes", {}).get("maker") == "Jacob")

    until(saved, "the maker is saved")
    plain_page.reload()
    field = plain_page.get_by_role("textbox", name=re.compile("^Maker"))
    expect(field).to_have_value("Jacob")
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_a_price_that_is_none_is_refused_at_its_field_and_kept_as_typed(plain_page: Page) -> None:
    plain_page.goto("/items/lamp-1/listings/etsy")
    plain_page.get_by_role("textbox", name=re.compile("^Price")).fill("a lot")
    plain_page.get_by_role("button", name="Save").click()
    field = plain_page.get_by_role("textbox", name=re.compile("^Price"))
    expect(field).to_have_value("a lot")
    expect(field).to_have_attribute("aria-invalid", "true")


def test_a_change_made_on_the_marketplace_is_shown_and_accepted(
    page: Page, brocante: Installation
) -> None:
    brocante.create("stool-1")
    brocante.activate("stool-1", "ebay")
    brocante.end_there("stool-1", "ebay")
    page.goto("/items/stool-1")
    card = page.get_by_role("article", name="eBay")
    card.get_by_role("button", name="Look again at eBay").click()
    expect(card).to_contain_text("Accept this, or restore it", timeout=40_000)
    card.get_by_role("button", name="Accept what eBay shows").click()
    expect(page.get_by_role("region", name="Done: 1 change.")).to_be_visible(timeout=30_000)
    expect(card).to_contain_text("Owner accepted that it is off sale there")


def test_a_button_stays_what_it_is_while_others_come_beside_it(
    page: Page, brocante: Installation
) -> None:
    brocante.create("stool-2")
    brocante.activate("stool-2", "ebay")
    page.goto("/items/stool-2")
    card = page.get_by_role("article", name="eBay")
    button = card.get_by_role("button", name="Look again at eBay").element_handle()
    brocante.end_there("stool-2", "ebay")
    expect(card).to_contain_text("Accept this, or restore it", timeout=40_000)
    assert button.text_content() == "Look again at eBay", (
        "what one is about to press is not changed"
    )


def test_a_hold_is_shown_with_holder_reason_and_end(page: Page, brocante: Installation) -> None:
    brocante.create("vase-1")
    brocante.activate("vase-1", "etsy")
    hold = {
        "marketplaces": ["etsy"],
        "holder": "Mrs. Aldous",
        "reason": "deposit paid",
        "until": "2099-01-01T00:00:00Z",
    }
    assert brocante.command("POST", "/items/vase-1/hold", hold).status_code == 200
    page.goto("/items/vase-1")
    card = page.get_by_role("article", name="Etsy")
    expect(card).to_contain_text("On hold for Mrs. Aldous (deposit paid) until")
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("asked to hold on Etsy for Mrs. Aldous")


def test_the_page_of_an_item_changes_by_itself(page: Page, brocante: Installation) -> None:
    brocante.create("bowl-1")
    page.goto("/items/bowl-1")
    expect(page.get_by_text("Not listed anywhere yet.")).to_be_visible()
    brocante.activate("bowl-1", "etsy")
    card = page.get_by_role("article", name="Etsy")
    expect(card).to_contain_text("active, as it answered us", timeout=20_000)
