"""An installation as a dealer's really is: many items in every state, sales, failures."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer
from PIL import Image

from brocante.contracts.topics import SALES_COMMANDS
from tests.support.installation import Installation, until

PIECES = 300
LONG = "Longcase clock by a maker whose name is as long as its case, with all that is known of it"
UNBROKEN = "Wunderkammerschrankschlüssellochabdeckungsbeschlagsammlung"
MARKUP = "Mirror <b>framed</b> & gilt, “Régence”, 鏡"
MAKER = {"field": "/attributes/maker", "label": "Maker", "required": True}
SOON = {"field": "/attributes/era", "label": "Era", "required": True}
ASKED_OF_SHOPIFY = [MAKER, {**SOON, "effective_at": "2099-01-01T00:00:00Z"}]
LOT = {"lot": "few"}
KINDS = ("Furniture > Chairs", "Home & Garden > Decor > Clocks", "Art", "Jewelry > Rings", "")


@dataclass(frozen=True)
class Scene:
    """What is there to be looked at, by the names that addresses need."""

    sale: str
    canceled: str
    group: str
    import_id: str
    bulk_id: str
    refused: str
    waiting: str


def set_scene(brocante: Installation) -> Scene:
    """Everything, settled but for what eBay, which is paused, was asked last."""
    import_id = _pieces(brocante)
    _on_sale(brocante)
    _off_sale(brocante)
    _sold_twice(brocante)
    sale, canceled = _sold(brocante)
    group = _failures(brocante)
    bulk_id = _bulk(brocante)
    brocante.sandbox.put("/control/shopify/requirements", json={"fields": ASKED_OF_SHOPIFY})
    until(lambda: _asks(brocante), "Shopify asks for a maker")
    brocante.create("a-chair", title="Side chair", attributes=LOT)
    refused = _id(brocante.activate("a-chair", "etsy", "shopify"))
    assert brocante.command("POST", "/marketplaces/ebay/pause").status_code == 200
    waiting = _id(brocante.command("POST", "/items/a-cabinet/deactivate", _of("ebay"), wait=0))
    return Scene(sale, canceled, group, import_id, bulk_id, refused, waiting)


def _pieces(brocante: Installation) -> str:
    lines = ["Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty,Product Category"]
    lines += [
        f"piece-{n:03},{'Long ' * (n % 17)}Piece number {n},P.{n},{n + 1}.50,1,{KINDS[n % 5]}"
        for n in range(PIECES)
    ]
    lines += ["bad-1,Without a price,B.1,a lot,1,", "bad-2,,B.2,12.00,1,"]
    return brocante.take_in(lines)


def _on_sale(brocante: Installation) -> None:
    brocante.create("a-clock", title=LONG, sku="10" * 16)
    brocante.create("a-mirror", title=MARKUP)
    brocante.create("a-cabinet", title=UNBROKEN, price={"amount": "1250000", "currency": "JPY"})
    brocante.create("a-draft", title="Never listed", listings={"ebay": {}, "etsy": {}})
    too_long = brocante.activate("a-clock").json()["errors"]
    assert [(one["marketplace"], one["code"]) for one in too_long] == [("ebay", "too_long")]
    for item_id in ("a-mirror", "a-cabinet"):
        answer = brocante.activate(item_id)
        assert answer.status_code == 200, answer.text
    image = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(image, "JPEG")
    path, kind = "/api/v1/items/a-mirror/picture", {"Content-Type": "image/jpeg"}
    assert brocante.http.put(path, content=image.getvalue(), headers=kind).status_code == 204


def _off_sale(brocante: Installation) -> None:
    for item_id in ("a-desk", "a-lamp", "a-wardrobe"):
        brocante.create(item_id, title=item_id[2:].capitalize(), attributes=LOT)
        assert brocante.activate(item_id, "ebay", "etsy").status_code == 200
    hold = {"holder": "Mrs. Aldous", "reason": "deposit paid", "until": "2099-01-01T00:00:00Z"}
    assert brocante.command("POST", "/items/a-desk/hold", {**_of("*"), **hold}).status_code == 200
    assert brocante.command("DELETE", "/items/a-wardrobe").status_code == 200
    brocante.end_there("a-lamp", "ebay")
    path = "/items/a-lamp/listings/ebay/check"

    def drifted() -> bool:
        brocante.command("POST", path)
        return bool(brocante.item("a-lamp")["listings"]["ebay"].get("drift"))

    until(drifted, "the change there is known")


def _sold_twice(brocante: Installation) -> None:
    for item_id in ("a-ring", "a-ewer"):
        brocante.create(item_id, title=item_id[2:].capitalize())
        for place in ("showroom", "the-fair-in-the-town-hall"):
            _record(brocante, item_id, place)
    into = {"into": "showroom:a-ewer"}
    path = "/sales/the-fair-in-the-town-hall:a-ewer/merge"
    assert brocante.command("POST", path, into).status_code == 200


def _sold(brocante: Installation) -> tuple[str, str]:
    sale = str(brocante.sell("ebay", "a-mirror")["sale_id"])
    brocante.wait_sale(sale)
    brocante.create("a-stool", title="Stool")
    canceled = _record(brocante, "a-stool", "showroom")
    why = {"reason": "buyer_changed_mind", "note": "by telephone"}
    assert brocante.command("POST", f"/sales/{canceled}/cancel", why).status_code == 200
    return sale, canceled


def _record(brocante: Installation, item_id: str, place: str) -> str:
    sale = {"sale_id": f"{place}:{item_id}", "item_id": item_id, "marketplace": place}
    more = {"sold_at": "2026-11-24T08:00:00Z", "price": {"amount": "80.00", "currency": "USD"}}
    assert brocante.command("POST", "/sales", {**sale, **more}).status_code == 200
    return sale["sale_id"]


def _failures(brocante: Installation) -> str:
    """Two messages that nobody can read: one is put aside, one fails again."""
    with ThreadPoolExecutor() as pool:
        # The browser's own loop runs in this thread.
        pool.submit(asyncio.run, _poison(brocante, '{"not": "a message"}', "no message")).result()

    def opened() -> list[dict[str, Any]]:
        groups = brocante.http.get("/api/v1/failures").json()["items"]
        where = f"/api/v1/failures/{groups[0]['group']}" if groups else ""
        found: list[dict[str, Any]] = brocante.http.get(where).json()["items"] if where else []
        return [{**one, "group": groups[0]["group"]} for one in found]

    until(lambda: len(opened()) == 2, "both failures are kept")
    group, aside = str(opened()[0]["group"]), {"ids": [opened()[0]["id"]]}
    for what, body in (("archive", aside), ("retry", {})):
        assert brocante.http.post(f"/api/v1/failures/{group}/{what}", json=body).status_code == 200
    until(opened, "it failed again")
    return group


async def _poison(brocante: Installation, *texts: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=brocante.up["kafka"], acks="all")
    await producer.start()
    try:
        for text in texts:
            await producer.send_and_wait(SALES_COMMANDS, text.encode())
    finally:
        await producer.stop()


def _bulk(brocante: Installation) -> str:
    """Some of it cannot be done: what is imported has no description."""
    named = [f"piece-{n:03}" for n in range(4)] + ["a-ring"]
    body = {"action": "activate", "item_ids": named, "marketplaces": ["etsy"]}
    return str(brocante.command("POST", "/bulk", body).json()["bulk_id"])


def _asks(brocante: Installation) -> bool:
    fields = brocante.http.get("/api/v1/marketplaces/shopify/requirements").json()["fields"]
    return any(one["label"] == "Maker" for one in fields)


def _id(answer: Any) -> str:
    """The command's id: its answer says it, or where it is answered."""
    place = answer.headers.get("location", "")
    return str(place.rsplit("/", 1)[-1] or answer.json()["command_id"])


def _of(*marketplaces: str) -> dict[str, Any]:
    return {"marketplaces": list(marketplaces)}
