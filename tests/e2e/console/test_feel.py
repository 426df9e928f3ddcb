"""How the console feels: nothing jumps or turns unasked, and focus is where one left it."""

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.support.browsing import WIDE
from tests.support.installation import Installation

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.timeout(240)]
PIECES = 8
# The shift of layout that counts as none; 0.1 is what browsers call good.
STILL = 0.001
WATCH = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries())
      window.shifts.push([one.value, one.sources.map((s) => s.node?.outerHTML?.slice(0, 120))]);
  }).observe({ type: 'layout-shift' });
}"""
TURNING = "() => document.getAnimations().filter((one) => one.playState === 'running').length"


@pytest.fixture(scope="module", autouse=True)
def _pieces(brocante: Installation) -> None:
    for n in range(PIECES):
        brocante.create(f"still-{n}", title=f"Still life number {n}")
        brocante.activate(f"still-{n}", "ebay", "etsy")


def shifted(page: Page) -> list[object]:
    """What moved by itself since `WATCH`."""
    found: list[object] = [one for one in page.evaluate("window.shifts") if one[0] > STILL]
    return found


def change_everything(brocante: Installation) -> None:
    """Holds, an item off sale, another connected, one sold: words, marks and dots change."""
    for n in range(PIECES):
        what = ("hold", "deactivate", "activate")[n % 3]
        where = {"marketplaces": ["shopify" if what == "activate" else "ebay"]}
        answer = brocante.command("POST", f"/items/still-{n}/{what}", where)
        assert answer.status_code == 200, answer.text
    sale = {"sale_id": "showroom:still", "item_id": "still-7", "marketplace": "showroom"}
    sold = {**sale, "sold_at": "2026-11-24T08:00:00Z"}
    assert brocante.command("POST", "/sales", sold).status_code == 200


def test_live_updates_move_nothing_on_the_list_and_keep_the_focus(
    page: Page, brocante: Installation
) -> None:
    page.goto("/inventory?query=still")
    page.get_by_role("row").filter(has_text="still-1").get_by_role("checkbox").check()
    mark = page.get_by_role("row").filter(has_text="still-4").get_by_role("link", name="Etsy")
    mark.focus()
    page.evaluate(WATCH)
    change_everything(brocante)
    row = page.get_by_role("row").filter(has_text="still-7")
    expect(row).to_contain_text("Sold", timeout=20_000)
    expect(page.get_by_role("link", name="Shopify: active")).to_have_count(2, timeout=20_000)
    assert shifted(page) == []
    expect(mark).to_be_focused()
    ticked = page.get_by_role("row").filter(has_text="still-1").get_by_role("checkbox")
    expect(ticked).to_be_checked()


def test_live_updates_move_nothing_on_the_page_of_an_item(
    page: Page, brocante: Installation
) -> None:
    page.goto("/items/still-0")
    page.get_by_role("button", name="Look again at Etsy").focus()
    page.evaluate(WATCH)
    released = brocante.command("POST", "/items/still-0/release", {"marketplaces": ["ebay"]})
    assert released.status_code == 200
    history = page.get_by_role("region", name="History")
    expect(history).to_contain_text("released the hold on eBay", timeout=20_000)
    expect(page.get_by_role("button", name="Look again at Etsy")).to_be_focused()


def test_nothing_turns_for_somebody_who_asked_for_less_motion(
    browser: Browser, brocante: Installation, session: StorageState
) -> None:
    assert brocante.command("POST", "/marketplaces/etsy/pause").status_code == 200
    brocante.command("POST", "/items/still-2/deactivate", {"marketplaces": ["etsy"]}, wait=0)
    for motion, turning in (("no-preference", True), ("reduce", False)):
        context = browser.new_context(
            storage_state=session,
            base_url=brocante.up["http"],
            viewport=WIDE,
            reduced_motion="reduce" if motion == "reduce" else "no-preference",
        )
        one = context.new_page()
        one.goto("/inventory?query=still-2")
        expect(one.get_by_role("link", name="Etsy: active, to become inactive")).to_be_visible()
        assert bool(one.evaluate(TURNING)) is turning
        context.close()
    assert brocante.command("POST", "/marketplaces/etsy/resume").status_code == 200


@pytest.mark.parametrize("action", ["Activate", "Hold", "Mark as sold", "Delete"])
def test_a_dialog_takes_the_focus_keeps_it_and_gives_it_back(page: Page, action: str) -> None:
    page.goto("/inventory?query=still-3")
    page.get_by_role("row").filter(has_text="still-3").get_by_role("checkbox").check()
    opener = page.get_by_role("button", name="Edit status")
    for way in ("Escape", "Close"):
        opener.click()
        page.get_by_role("menuitem", name=action, exact=True).click()
        dialog = page.get_by_role("dialog", name=action)
        expect(dialog.get_by_role("heading", name=action)).to_be_focused()
        for _ in range(25):
            page.keyboard.press("Tab")
            inside = "document.activeElement.closest('dialog') || document.activeElement.tagName"
            assert page.evaluate(f"{inside} !== null && {inside} !== 'INPUT'")
        if way == "Escape":
            page.keyboard.press("Escape")
        else:
            dialog.get_by_role("button", name=("Keep" if action == "Delete" else "Close")).click()
        expect(dialog).to_be_hidden()
        expect(opener).to_be_focused()


def test_after_a_change_the_focus_is_on_what_came_of_it(page: Page) -> None:
    page.goto("/inventory?query=still-5")
    page.get_by_role("row").filter(has_text="still-5").get_by_role("checkbox").check()
    page.get_by_role("button", name="Edit status").click()
    page.get_by_role("menuitem", name="Hold", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Hold").click()
    refusal = page.get_by_role("dialog").get_by_role("alert")
    expect(refusal).to_be_focused()
    page.get_by_role("dialog").get_by_role("checkbox", name="Etsy").check()
    page.get_by_role("dialog").get_by_role("button", name="Hold").click()
    expect(page.get_by_role("region").get_by_role("heading", level=2).first).to_be_focused()
