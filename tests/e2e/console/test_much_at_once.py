"""A change of 1,000 items while somebody has the list open: the page follows and stays usable."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.installation import Installation, until

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.timeout(300)]
PIECES = 1000
SHOWN = 50
ALL_IN = 120.0
SETTLED = 60_000
# What a person feels as a page that hangs.
LONGEST_MS = 500
WATCH = """() => {
  const seen = window.seen = { tasks: [], gaps: [], events: 0, requests: 0 };
  const tasks = (list) => list.getEntries().forEach((one) => seen.tasks.push(one.duration));
  new PerformanceObserver(tasks).observe({ type: 'longtask' });
  let last = performance.now();
  const frame = (now) => { seen.gaps.push(now - last); last = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => list.getEntries().forEach((one) => {
    if (one.name.includes('/inventory/rows')) seen.requests += 1;
  })).observe({ type: 'resource' });
  const stream = new EventSource('/api/v1/events');
  stream.addEventListener('item.changed', () => { seen.events += 1; });
  return new Promise((opened) => stream.addEventListener('open', opened, { once: true }));
}"""


@pytest.fixture
def pieces(brocante: Installation) -> list[str]:
    lines = ["Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty"]
    lines += [f"piece-{n:04},Piece number {n},P.{n},{n + 1}.50,1" for n in range(PIECES)]
    brocante.take_in(lines)
    return [f"piece-{n:04}" for n in range(PIECES)]


def on_sale(brocante: Installation) -> int:
    """How many pieces Shopify itself shows for sale."""
    listings = brocante.sandbox.get("/control/listings").json()
    return sum(one["sku"].startswith("P.") and one["state"] == "active" for one in listings)


def test_a_list_stays_usable_while_a_thousand_items_change(
    page: Page, brocante: Installation, pieces: list[str]
) -> None:
    page.goto("/inventory")
    page.evaluate(WATCH)
    body = {"action": "activate", "item_ids": pieces, "marketplaces": ["shopify"]}
    assert brocante.http.post("/api/v1/bulk", json=body).status_code == 202
    shown = page.get_by_role("link", name="Shopify: ")
    expect(shown.first).to_be_visible(timeout=SETTLED)
    search = page.get_by_role("searchbox", name="Search")
    search.press_sequentially("number 777")
    expect(page.get_by_role("row").filter(has_text="Piece number 777")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)
    assert on_sale(brocante) < PIECES, "the search came while items changed"
    search.clear()
    expect(page.get_by_role("row")).to_have_count(SHOWN + 1)
    expect(shown).to_have_count(SHOWN, timeout=SETTLED)
    until(lambda: on_sale(brocante) == PIECES, "all are on sale", ALL_IN)
    until(lambda: page.evaluate("window.seen.events") >= PIECES, "all is told")
    seen = page.evaluate("window.seen")
    assert 0 < seen["requests"] < PIECES / 5, "rows are fetched many at a time"
    assert max(seen["tasks"], default=0) < LONGEST_MS
    assert max(seen["gaps"]) < LONGEST_MS
