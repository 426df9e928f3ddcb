"""Help followed step by step in Chromium, which is how its pictures are made.

`make pictures` keeps them (`BROCANTE_PICTURES=keep`); else they are only taken, and the steps are
what is tested: every name that a page of help prints in bold is met on the way.
"""

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, ViewportSize, expect

from gateway.console import helping
from tests.support.installation import Installation, until

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.timeout(240)]
KEPT = Path(helping.__file__).parent / "static" / "help"
SIZE = ViewportSize(width=1100, height=616)
COLORS = 256
ITEM = "help-clock"
TITLE = "Bracket clock, signed and dated 1765"
WHERE = f"/inventory?query={ITEM}"


@pytest.fixture(scope="module", autouse=True)
def _clock(brocante: Installation) -> None:
    brocante.create(ITEM, title=TITLE, category="Home & Garden > Decor > Clocks", sku="17.65")
    assert brocante.activate(ITEM).status_code == 200


@pytest.fixture(autouse=True)
def _size(page: Page) -> None:
    page.set_viewport_size(SIZE)


@pytest.fixture
def sale(brocante: Installation) -> str:
    sale_id = str(brocante.sell("ebay", "17.65")["sale_id"])
    brocante.wait_sale(sale_id)
    until(lambda: brocante.item(ITEM)["settled"], "the item is settled")
    return sale_id


def picture(page: Page, name: str) -> None:
    """Take a picture of what is on the screen; keep it, small, when that is asked for."""
    taken = page.screenshot(animations="disabled", caret="hide")
    if os.environ.get("BROCANTE_PICTURES") == "keep":
        image = Image.open(BytesIO(taken)).convert("RGB")
        KEPT.mkdir(exist_ok=True)
        few = image.quantize(COLORS, dither=Image.Dither.NONE)
        few.save(KEPT / f"{name}.png", optimize=True)
    assert (KEPT / f"{name}.png").exists(), f"{name} is not there: make pictures"


def tick(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_role("row").filter(has_text=TITLE).get_by_role("checkbox").check()


def choose(page: Page, action: str) -> Locator:
    """The dialog behind an action of Edit status."""
    tick(page, WHERE)
    page.get_by_role("button", name="Edit status").click()
    page.get_by_role("menuitem", name=action, exact=True).click()
    dialog = page.get_by_role("dialog", name=action)
    expect(dialog).to_be_visible()
    return dialog


def test_a_piece_is_activated_as_help_says(page: Page) -> None:
    tick(page, WHERE)
    page.get_by_role("button", name="Edit status").click()
    expect(page.get_by_role("menuitem", name="Activate", exact=True)).to_be_visible()
    picture(page, "activate-1")
    dialog = choose(page, "Activate")
    dialog.get_by_role("checkbox", name="Select all").check()
    expect(dialog.get_by_role("button", name="Activate")).to_be_visible()
    picture(page, "activate-2")


def test_a_piece_is_held_as_help_says(page: Page) -> None:
    dialog = choose(page, "Hold")
    expect(dialog.get_by_role("button", name="Hold")).to_be_visible()
    picture(page, "hold-1")


def test_a_piece_is_marked_as_sold_as_help_says(page: Page) -> None:
    dialog = choose(page, "Mark as sold")
    expect(dialog.get_by_role("button", name="Mark as sold")).to_be_visible()
    picture(page, "mark-as-sold-1")


def test_a_piece_is_deleted_as_help_says(page: Page) -> None:
    dialog = choose(page, "Delete")
    expect(dialog.get_by_role("button", name="Delete")).to_be_visible()
    picture(page, "delete-1")


@pytest.mark.usefixtures("sale")
def test_a_sale_is_canceled_as_help_says(page: Page) -> None:
    tick(page, "/sold")
    picture(page, "cancel-a-sale-1")
    page.get_by_role("button", name="Cancel Sale").click()
    dialog = page.get_by_role("dialog", name="Cancel Sale")
    expect(dialog).to_contain_text("Will be active on eBay.")
    expect(dialog.get_by_role("button", name="Keep sale")).to_be_visible()
    picture(page, "cancel-a-sale-2")
    dialog.get_by_role("button", name="Cancel Sale").click()
    expect(page.get_by_role("heading", name="Inventory", level=1)).to_be_visible()
    page.goto(WHERE)
    row = page.get_by_role("row").filter(has_text=TITLE)
    expect(row.get_by_role("link", name="eBay: active", exact=True)).to_be_visible(timeout=30_000)
    for place in ("Etsy", "Shopify"):
        expect(row.get_by_role("link", name=f"{place}: inactive", exact=True)).to_be_visible()
    picture(page, "cancel-a-sale-3")
