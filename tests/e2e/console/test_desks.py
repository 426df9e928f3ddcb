"""Double sales, import and operations, as a person meets them."""

import asyncio
import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiokafka import AIOKafkaProducer
from playwright.sync_api import FilePayload, Page, expect

from brocante.contracts.topics import SALES_COMMANDS
from tests.support.browsing import violations
from tests.support.installation import Installation, until

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.timeout(240)]
FILE = """Handle,Title,Variant SKU,Variant Price
ewer-1,Brass ewer,E.1,120.00
ewer-2,Copper ewer,E.2,a lot
"""


def sell_by_hand(brocante: Installation, item_id: str, place: str) -> str:
    sale_id = f"{place}:{uuid.uuid4().hex[:8]}"
    sale = {
        "sale_id": sale_id,
        "item_id": item_id,
        "marketplace": place,
        "sold_at": "2026-11-24T08:00:00Z",
    }
    answer = brocante.command("POST", "/sales", sale)
    assert answer.status_code == 200, answer.text
    return sale_id


def test_two_sales_of_one_piece_stand_side_by_side_are_merged_and_split(
    page: Page, brocante: Installation
) -> None:
    brocante.create("ring-1", title="Mourning ring")
    sell_by_hand(brocante, "ring-1", "showroom")
    sell_by_hand(brocante, "ring-1", "instagram")
    page.goto("/double-sales")
    desk = page.get_by_role("region", name=re.compile("Mourning ring"))
    expect(desk.get_by_role("article")).to_have_count(2)
    desk.get_by_role("button", name="Merge the sale on Instagram").click()
    expect(page.get_by_role("region", name="Done: 1 change.")).to_be_visible(timeout=30_000)
    merged = page.get_by_role("region", name="Merged sales")

    def shown() -> bool:
        page.goto("/double-sales")
        return merged.count() == 1 and "Mourning ring" in merged.inner_text()

    until(shown, "the merged sale is shown")
    merged.get_by_role("button", name=re.compile("^Split .*Mourning ring")).click()
    expect(desk.get_by_role("article")).to_have_count(2, timeout=15_000)


def test_a_file_is_imported_and_each_bad_row_named_with_line_and_reason(plain_page: Page) -> None:
    plain_page.goto("/import")
    plain_page.get_by_role("button", name="Import").click()
    expect(plain_page.get_by_role("alert")).to_contain_text("Choose a file first.")
    file = FilePayload(name="items.csv", mimeType="text/csv", buffer=FILE.encode())
    plain_page.get_by_label("File").set_input_files(file)
    plain_page.get_by_role("button", name="Import").click()
    row = plain_page.get_by_role("row").filter(has_text="E.2").filter(has_text="The price")
    expect(row.get_by_role("cell").first).to_have_text("3")
    plain_page.reload()
    expect(plain_page.get_by_text("1 of 1 item answered.")).to_be_visible(timeout=15_000)


async def poison(brocante: Installation, text: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=brocante.up["kafka"], acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(SALES_COMMANDS, text.encode())
    finally:
        await producer.stop()


def test_a_failure_is_corrected_and_the_correction_kept(page: Page, brocante: Installation) -> None:
    # The browser's own loop runs in this thread.
    with ThreadPoolExecutor() as pool:
        pool.submit(asyncio.run, poison(brocante, '{"not": "a message"}')).result()
    until(lambda: brocante.http.get("/api/v1/failures").json()["items"], "a failure is kept")
    page.goto("/operations")
    failures = page.get_by_role("table", name="Failures by cause")
    failures.get_by_role("link").first.click()
    assert violations(page) == []
    page.get_by_text("See and correct the message 1").click()
    page.get_by_role("textbox", name="Message 1").fill(json.dumps({"corrected": True}))
    page.get_by_role("button", name="Edit and retry message 1").click()
    expect(page.get_by_text("1 message sent again as corrected")).to_be_visible()


def test_services_are_up_and_a_marketplace_is_paused_and_resumed(page: Page) -> None:
    page.goto("/operations")
    services = page.get_by_role("table", name="Services")
    expect(services.get_by_role("row").filter(has_text="sales.commands")).to_contain_text("Up")
    for name, state in (("Pause eBay", "Paused"), ("Resume eBay", "Up")):
        page.get_by_role("button", name=name).click()
        card = page.get_by_role("article", name="eBay")
        expect(card).to_contain_text(state, timeout=20_000)
