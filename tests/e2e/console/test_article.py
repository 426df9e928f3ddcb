"""The help article, step by step, as a dealer reads it: by role and name, then by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browsing import violations
from tests.support.installation import Installation, until

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.timeout(240)]
SETTLED = 30_000
MAKER = {"field": "/attributes/maker", "label": "Maker", "required": True}


def sold_piece(brocante: Installation, item_id: str) -> str:
    """A piece on three marketplaces, sold on eBay; the sale's id."""
    brocante.create(item_id)
    assert brocante.activate(item_id).status_code == 200
    sold = brocante.sell("ebay", item_id)
    brocante.wait_sale(sold["sale_id"])
    until(lambda: brocante.item(item_id)["settled"], "the item is settled")
    return str(sold["sale_id"])


def row(page: Page, sku: str) -> Locator:
    return page.get_by_role("row").filter(has_text=sku)


@pytest.fixture
def etsy_asks_for_a_maker(brocante: Installation) -> Iterator[None]:
    def asks() -> bool:
        answer = brocante.http.get("/api/v1/marketplaces/etsy/requirements").json()
        return any(field["label"] == "Maker" for field in answer["fields"])

    put = brocante.sandbox.put("/control/etsy/requirements", json={"fields": [MAKER]})
    assert put.status_code < 300, put.text
    until(asks, "Etsy's requirement is known")
    yield
    brocante.sandbox.put("/control/etsy/requirements", json={"fields": []})
    until(lambda: not asks(), "Etsy's requirement is gone")


@pytest.mark.usefixtures("etsy_asks_for_a_maker")
def test_a_sale_is_canceled_and_the_piece_put_back_as_the_article_says(
    page: Page, brocante: Installation
) -> None:
    sku = "article-chair"
    brocante.create(sku, attributes={"maker": "Chippendale"})
    assert brocante.activate(sku).status_code == 200
    sold = brocante.sell("ebay", sku)
    brocante.wait_sale(sold["sale_id"])
    brocante.command("PATCH", f"/items/{sku}", {"attributes": {"maker": None}})

    page.goto("/")
    page.get_by_role("link", name="Sold", exact=True).click()
    expect(page.get_by_role("heading", name="Sold", level=1)).to_be_visible()
    expect(page.get_by_role("button", name="Cancel Sale")).to_be_hidden()
    row(page, sku).get_by_role("checkbox").check()
    page.get_by_role("button", name="Cancel Sale").click()
    dialog = page.get_by_role("dialog", name="Cancel Sale")
    expect(dialog).to_contain_text("Will be active on eBay. Will be inactive on Etsy and Shopify.")
    expect(dialog).to_contain_text("This does not cancel or refund the order on eBay")
    assert violations(page) == []
    dialog.get_by_role("button", name="Cancel Sale").click()

    expect(page.get_by_role("heading", name="Inventory", level=1)).to_be_visible()
    page.get_by_role("searchbox", name="Search").fill(sku)
    mine = row(page, sku)
    for name in ("eBay: active", "Etsy: inactive, 1 field missing", "Shopify: inactive"):
        expect(mine.get_by_role("link", name=name, exact=True)).to_be_visible(timeout=SETTLED)
    brocante.wait_shown(sku, ebay="active", etsy="inactive", shopify="inactive")

    mine.get_by_role("link", name="Shopify: inactive", exact=True).hover()
    expect(mine.get_by_text("Shopify: inactive", exact=True)).to_be_in_viewport()
    reactivate(page, brocante, sku)


def reactivate(page: Page, brocante: Installation, sku: str) -> None:
    """The second half: tick, Edit status, Activate; what is missing is named and filled in."""
    mine = row(page, sku)
    mine.get_by_role("checkbox").check()
    page.get_by_role("button", name="Edit status").click()
    page.get_by_role("menuitem", name="Activate", exact=True).click()
    dialog = page.get_by_role("dialog", name="Activate")
    expect(dialog.get_by_role("link", name="Maker")).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("checkbox", name="Select all").check()
    dialog.get_by_role("button", name="Activate").click()
    alert = dialog.get_by_role("alert")
    expect(alert).to_contain_text("Submitted for eBay and Shopify.")
    expect(alert).to_contain_text("Not submitted for Etsy")
    link = dialog.get_by_role("link", name="Maker")
    assert link.get_attribute("href") == f"/items/{sku}/listings/etsy#field-attributes-maker"
    brocante.wait_shown(sku, ebay="active", etsy="inactive", shopify="active")

    details = {"listings": {"etsy": {"details": {"attributes": {"maker": "Chippendale"}}}}}
    assert brocante.command("PATCH", f"/items/{sku}", details).status_code == 200
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Edit status")).to_be_focused()
    expect(mine.get_by_role("link", name="Etsy: inactive", exact=True)).to_be_visible()
    page.get_by_role("button", name="Edit status").click()
    page.get_by_role("menuitem", name="Activate", exact=True).click()
    dialog.get_by_role("checkbox", name="Etsy").check()
    dialog.get_by_role("button", name="Activate").click()
    expect(row(page, sku).get_by_role("link", name="Etsy: active", exact=True)).to_be_visible(
        timeout=SETTLED
    )
    brocante.wait_shown(sku, ebay="active", etsy="active", shopify="active")


def tab_to(page: Page, name: str, role: str = "") -> None:
    """Press Tab until what has the focus is named so."""
    for _ in range(200):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => { const e = document.activeElement;"
            " return [(e.getAttribute('aria-label') || e.textContent).trim(), e.type || ''] }"
        )
        if said[0].startswith(name) and role in ("", said[1]):
            return
    raise AssertionError(f"Tab never came to {name}")


def test_a_sale_is_canceled_by_keyboard_alone(page: Page, brocante: Installation) -> None:
    sku = "keyboard-chair"
    sold_piece(brocante, sku)
    page.goto("/inventory")

    tab_to(page, "Sold")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sold", level=1)).to_be_visible()
    tab_to(page, f"Select Walnut chair {sku}")
    page.keyboard.press("Space")
    while page.evaluate("document.activeElement.textContent.trim()") != "Cancel Sale":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel Sale")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel Sale")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    tab_to(page, "Cancel Sale", "submit")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Inventory", level=1)).to_be_visible()
    brocante.wait_shown(sku, ebay="active", etsy="inactive", shopify="inactive")
    activate_by_keyboard(page, brocante, sku)


def activate_by_keyboard(page: Page, brocante: Installation, sku: str) -> None:
    """Tick, open the menu, choose every marketplace; no pointer."""
    page.goto(f"/inventory?query={sku}")
    tab_to(page, f"Select Walnut chair {sku}")
    page.keyboard.press("Space")
    while page.evaluate("document.activeElement.textContent.trim()") != "Edit status":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Activate", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Hold")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Activate")
    expect(dialog).to_be_visible()
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("checkbox", name="Select all")).to_be_focused()
    page.keyboard.press("Space")
    tab_to(page, "Activate", "submit")
    page.keyboard.press("Enter")
    brocante.wait_shown(sku, ebay="active", etsy="active", shopify="active")


def test_the_main_job_needs_no_script(plain_page: Page, brocante: Installation) -> None:
    sku, page = "scriptless-chair", plain_page
    sold_piece(brocante, sku)
    page.goto("/sold")
    row(page, sku).get_by_role("checkbox").check()
    page.get_by_role("button", name="Cancel Sale").click()
    expect(page.get_by_role("heading", name="Cancel Sale", level=1)).to_be_visible()
    expect(page.get_by_text("Will be active on eBay.")).to_be_visible()
    page.get_by_label("Reason").select_option(label="It is damaged")
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_text("Nothing is put back on sale.")).to_be_visible()
    page.get_by_label("Reason").select_option(label="Not given")
    page.get_by_role("button", name="Cancel Sale").click()
    expect(page.get_by_role("heading", name="Inventory", level=1)).to_be_visible()
    brocante.wait_shown(sku, ebay="active", etsy="inactive", shopify="inactive")

    page.goto(f"/inventory?query={sku}")
    row(page, sku).get_by_role("checkbox").check()
    page.get_by_role("button", name="Edit status").click()
    page.get_by_role("menuitem", name="Activate", exact=True).click()
    page.get_by_role("checkbox", name="Etsy").check()
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("heading", name="Inventory", level=1)).to_be_visible()
    brocante.wait_shown(sku, ebay="active", etsy="active", shopify="inactive")


def test_a_sale_at_a_place_not_connected_says_that_nothing_is_reactivated(
    page: Page, brocante: Installation
) -> None:
    sku = "showroom-chair"
    brocante.create(sku)
    assert brocante.activate(sku).status_code == 200
    page.goto(f"/inventory?query={sku}")
    row(page, sku).get_by_role("checkbox").check()
    page.get_by_role("button", name="Edit status").click()
    page.get_by_role("menuitem", name="Mark as sold").click()
    dialog = page.get_by_role("dialog", name="Mark as sold")
    assert violations(page) == []
    dialog.get_by_label("Place").fill("The showroom")
    dialog.get_by_label("Price").fill("nine hundred")
    dialog.get_by_role("button", name="Mark as sold").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The price is no amount")
    expect(dialog.get_by_label("Price")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Price").fill("1,250.00")
    dialog.get_by_role("button", name="Mark as sold").click()
    brocante.wait_shown(sku, ebay="inactive", etsy="inactive", shopify="inactive")

    page.get_by_role("link", name="Sold", exact=True).click()
    expect(row(page, sku)).to_contain_text("USD 1,250.00")
    row(page, sku).get_by_role("checkbox").check()
    page.get_by_role("button", name="Cancel Sale").click()
    dialog = page.get_by_role("dialog", name="Cancel Sale")
    expect(dialog).to_contain_text("The showroom is not connected, so nothing is reactivated.")
    dialog.get_by_label("Everywhere as before the sale").check()
    expect(dialog).to_contain_text("Will be active on eBay, Etsy and Shopify.")
    dialog.get_by_label("Where it was sold").check()
    expect(dialog).to_contain_text("Will be inactive on eBay, Etsy and Shopify.")
    dialog.get_by_role("button", name="Cancel Sale").click()
    expect(page.get_by_role("heading", name="Done: 1 change.", level=2)).to_be_visible(
        timeout=SETTLED
    )
    assert set(brocante.shown(sku).values()) == {"inactive"}
