"""Edit status beyond the article: hold, release, delete, undo, many at once, two people."""

import pytest
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.support.browsing import violations
from tests.support.installation import Installation, until

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.timeout(240)]
SETTLED = 30_000


def row(page: Page, sku: str) -> Locator:
    return page.get_by_role("row").filter(has_text=sku)


def choose(page: Page, sku: str, action: str) -> Locator:
    """Tick, open the menu, choose; the dialog."""
    page.goto(f"/inventory?query={sku}")
    row(page, sku).get_by_role("checkbox").check()
    page.get_by_role("button", name="Edit status").click()
    page.get_by_role("menuitem", name=action, exact=True).click()
    dialog = page.get_by_role("dialog", name=action)
    expect(dialog).to_be_visible()
    return dialog


def test_a_hold_is_placed_per_marketplace_and_undone(page: Page, brocante: Installation) -> None:
    sku = "held-chair"
    brocante.create(sku)
    assert brocante.activate(sku).status_code == 200
    dialog = choose(page, sku, "Hold")
    dialog.get_by_role("button", name="Hold").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose at least one marketplace.")
    dialog.get_by_role("checkbox", name="eBay").check()
    dialog.get_by_label("For whom").fill("Mrs. Aldous")
    dialog.get_by_role("button", name="Hold").click()
    link = row(page, sku).get_by_role("link", name="eBay: on hold", exact=True)
    expect(link).to_be_visible(timeout=SETTLED)
    expect(row(page, sku).get_by_role("link", name="Etsy: active", exact=True)).to_be_visible()
    assert brocante.item(sku)["listings"]["ebay"]["hold"]["holder"] == "Mrs. Aldous"
    page.get_by_role("button", name="Undo").click()
    expect(row(page, sku).get_by_role("link", name="eBay: active", exact=True)).to_be_visible(
        timeout=SETTLED
    )


def test_undoing_a_deactivation_puts_a_listing_back_on_its_hold(
    page: Page, brocante: Installation
) -> None:
    sku = "undone-chair"
    brocante.create(sku)
    assert brocante.activate(sku, "ebay", "etsy").status_code == 200
    hold = {"marketplaces": ["ebay"], "holder": "Mrs. Aldous", "reason": "deposit paid"}
    assert brocante.command("POST", f"/items/{sku}/hold", hold).status_code == 200
    held = brocante.item(sku)["listings"]["ebay"]["hold"]
    dialog = choose(page, sku, "Deactivate")
    dialog.get_by_role("checkbox", name="Select all").check()
    dialog.get_by_role("button", name="Deactivate").click()
    for name in ("eBay: inactive", "Etsy: inactive"):
        link = row(page, sku).get_by_role("link", name=name, exact=True)
        expect(link).to_be_visible(timeout=SETTLED)
    page.get_by_role("button", name="Undo").click()
    for name in ("eBay: inactive, on hold", "Etsy: active"):
        link = row(page, sku).get_by_role("link", name=name, exact=True)
        expect(link).to_be_visible(timeout=SETTLED)
    assert brocante.item(sku)["listings"]["ebay"]["hold"] == held
    released = brocante.command("POST", f"/items/{sku}/release", {"marketplaces": ["ebay"]})
    assert released.status_code == 200
    brocante.wait_shown(sku, ebay="active", etsy="active")


def test_delete_is_asked_twice(page: Page, brocante: Installation) -> None:
    sku = "deleted-chair"
    brocante.create(sku)
    dialog = choose(page, sku, "Delete")
    dialog.get_by_role("button", name="Delete").click()
    again = page.get_by_role("dialog", name="Really delete?")
    expect(again).to_contain_text("There is no undo")
    assert brocante.item(sku)["status"] == "available"
    again.get_by_role("button", name="Yes, delete").click()
    done = page.get_by_role("heading", name="Done: 1 change.")
    expect(done).to_be_visible(timeout=SETTLED)
    until(lambda: brocante.item(sku)["status"] == "deleted", "the item is deleted")


def test_many_are_changed_at_once_with_a_result_for_each(
    page: Page, brocante: Installation
) -> None:
    skus = [f"bulk-{n}" for n in range(3)]
    for sku in skus:
        brocante.create(sku, title=f"Bulkstool {sku}")
    page.goto("/inventory?query=bulkstool")
    expect(page.get_by_role("row")).to_have_count(len(skus) + 1)
    page.get_by_role("checkbox", name="Select all").check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("button", name="Edit status").click()
    page.get_by_role("menuitem", name="Activate", exact=True).click()
    dialog = page.get_by_role("dialog", name="Activate")
    dialog.get_by_role("checkbox", name="Shopify").check()
    dialog.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("heading", name="Done: 3 changes.")).to_be_visible(timeout=SETTLED)
    for sku in skus:
        brocante.wait_shown(sku, shopify="active")


def test_a_second_person_sees_the_change_live_and_cancels_nothing_twice(
    page: Page, browser: Browser, brocante: Installation, session: StorageState
) -> None:
    sku = "shared-chair"
    brocante.create(sku)
    assert brocante.activate(sku).status_code == 200
    sale = brocante.sell("ebay", sku)["sale_id"]
    brocante.wait_sale(sale)
    context = browser.new_context(storage_state=session, base_url=brocante.up["http"])
    other = context.new_page()
    for one in (page, other):
        one.goto("/sold")
        row(one, sku).get_by_role("checkbox").check()
        one.get_by_role("button", name="Cancel Sale").click()
        expect(one.get_by_role("dialog")).to_contain_text("Will be active on eBay.")
    watching = context.new_page()
    watching.goto("/sold")
    expect(row(watching, sku).get_by_role("checkbox")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Cancel Sale").click()
    expect(row(watching, sku)).to_contain_text("Canceled", timeout=SETTLED)
    expect(row(watching, sku).get_by_role("checkbox")).to_have_count(0)
    expect(other.get_by_role("dialog")).to_contain_text("canceled already", timeout=SETTLED)
    other.get_by_role("dialog").get_by_role("button", name="Cancel Sale").click()
    expect(other.locator("#progress")).to_contain_text("canceled already", timeout=SETTLED)
    history = brocante.http.get(f"/api/v1/items/{sku}/history").json()["items"]
    # A slow machine's gateway may ask again and be answered again: of the same one change.
    canceled = [entry["what"] for entry in history if entry["type"] == "sale.canceled"]
    assert len({what["sale_version"] for what in canceled}) == 1
    context.close()


def test_all_that_match_are_changed_after_a_dry_run_with_progress_and_results(
    page: Page, brocante: Installation
) -> None:
    skus = [f"many-{n}" for n in range(3)]
    for sku in skus:
        brocante.create(sku, title=f"Manystool {sku}")
    brocante.create("many-sold", title="Manystool that is gone")
    sale = {"sale_id": "showroom:many", "item_id": "many-sold", "marketplace": "showroom"}
    sold = {**sale, "sold_at": "2026-11-24T08:00:00Z"}
    assert brocante.command("POST", "/sales", sold).status_code == 200
    page.goto("/inventory/many?by_query=manystool")
    page.get_by_label("What to do").select_option(label="Activate")
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one marketplace.")
    page.get_by_role("checkbox", name="Shopify").check()
    page.get_by_role("button", name="Show what would happen").click()
    expect(page.get_by_text("4 items, 1 would be refused, 3 ready.")).to_be_visible()
    assert violations(page) == []
    assert brocante.shown("many-0") == {}
    page.get_by_role("button", name="Activate 4 items").click()
    expect(page.get_by_role("heading", name="Activate: 4 of 4 done")).to_be_visible(timeout=SETTLED)
    expect(page.get_by_role("listitem").filter(has_text="that is gone")).to_contain_text(
        "Not possible"
    )
    assert violations(page) == []
    for sku in skus:
        brocante.wait_shown(sku, shopify="active")
