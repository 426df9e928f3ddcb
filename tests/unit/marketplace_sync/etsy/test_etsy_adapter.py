"""The Etsy adapter, call by call."""

import asyncio
import json

import httpx2

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Money
from marketplace_sync.marketplaces.contract import (
    Account,
    Done,
    Gone,
    Invalid,
    Link,
    Notices,
    Progress,
    RetryLater,
    Unknown,
)
from marketplace_sync.marketplaces.etsy.adapter import EtsyAdapter
from marketplace_sync.marketplaces.etsy.client import EtsyToken
from tests.support.answering import BASE, Answering, Asked, Says

ACCOUNT = Account("main", "main", BASE, {}, {"shop_id": "12", "taxonomy_id": "811"})
CONTENT = Content(sku="91.10", title="Chair", price=Money(amount="9.50", currency="USD"))
LINK = Link("item", "91.10", "15")
SHOP = "/v3/application/shops/12"


def listing(state: str = "active", **more: str) -> Says:
    return Says({"listing_id": 15, "state": state, "quantity": 1, "url": "u", **more})


def adapter(answers: dict[str, Says]) -> tuple[EtsyAdapter, Answering]:
    """Answers by `METHOD path-after-application`; anything else is an empty page."""

    def respond(asked: Asked) -> Says:
        return answers.get(f"{asked.method} {asked.path}", Says({"count": 0, "results": []}))

    server = Answering(respond)
    return EtsyAdapter(ACCOUNT, server.calls()), server


async def test_a_draft_is_made_and_its_number_kept_before_anything_else() -> None:
    etsy, server = adapter({f"POST {SHOP}/listings": listing("draft")})
    outcome = await etsy.activate(CONTENT, 1, Link("item", "91.10"))
    assert outcome == Progress(Link("item", "91.10", "15", "u"))
    assert server.asked[0].body["description"].endswith("Stock number: 91.10")
    assert len(server.asked) == 1


async def test_a_draft_gets_its_stock_before_it_goes_on_sale() -> None:
    etsy, server = adapter({"GET /v3/application/listings/15": listing()})
    assert isinstance(await etsy.activate(CONTENT, 1, LINK), Done)
    assert server.made() == [
        "PUT /v3/application/listings/15/inventory",
        "GET /v3/application/seller-taxonomy/nodes/811/properties",
        f"PATCH {SHOP}/listings/15",
        "GET /v3/application/listings/15",
    ]
    assert server.asked[2].body["state"] == "active"
    assert server.asked[2].body["description"] == "Chair"


async def test_a_connection_cut_while_making_a_draft_is_in_doubt() -> None:
    etsy, _ = adapter({f"POST {SHOP}/listings": Says(cut=True)})
    assert isinstance(await etsy.activate(CONTENT, 1, Link("item", "91.10")), Unknown)


async def test_a_draft_without_a_number_is_in_doubt() -> None:
    etsy, _ = adapter({f"POST {SHOP}/listings": Says({"state": "draft"}, 201)})
    assert isinstance(await etsy.activate(CONTENT, 1, Link("item", "91.10")), Unknown)


async def test_a_shop_that_is_not_found_when_creating_is_a_refusal() -> None:
    etsy, _ = adapter({f"POST {SHOP}/listings": Says({"error": "Resource not found"}, 404)})
    assert isinstance(await etsy.activate(CONTENT, 1, Link("item", "91.10")), Invalid)


async def test_a_connection_cut_while_going_on_sale_is_in_doubt() -> None:
    etsy, _ = adapter({f"PATCH {SHOP}/listings/15": Says(cut=True)})
    assert isinstance(await etsy.activate(CONTENT, 1, LINK), Unknown)


async def test_a_connection_cut_while_going_off_sale_is_simply_tried_again() -> None:
    etsy, _ = adapter({f"PATCH {SHOP}/listings/15": Says(cut=True)})
    assert isinstance(await etsy.deactivate(LINK), RetryLater)


async def test_a_category_that_etsy_does_not_know_is_the_dealers_to_mend() -> None:
    path = "GET /v3/application/seller-taxonomy/nodes/811/properties"
    etsy, server = adapter({path: Says({"error": "Resource not found"}, 404)})
    for outcome in (await etsy.requirements(None), await etsy.activate(CONTENT, 1, LINK)):
        assert isinstance(outcome, Invalid), outcome
        assert [(i.field, i.category) for i in outcome.issues] == [("/category", "dealer")]
    assert f"PATCH {SHOP}/listings/15" not in server.made()


async def test_a_page_of_someone_in_between_is_never_taken_for_gone() -> None:
    for says in (Says(text="<html>"), Says(text="<html>", status=404), Says({"other": 1})):
        etsy, _ = adapter({"GET /v3/application/listings/15": says})
        assert not isinstance(await etsy.read(LINK), Gone | Done)


async def test_a_listing_that_etsy_says_is_not_there_is_gone() -> None:
    words = {"error": "Could not find a Listing with listing_id = 15."}
    etsy, _ = adapter({"GET /v3/application/listings/15": Says(words, 404)})
    assert await etsy.read(LINK) == Gone()
    assert await etsy.read(Link("item", "91.10")) == Gone()


async def test_taking_off_what_etsy_no_longer_lets_be_taken_off_is_done() -> None:
    refusal = Says({"error": "Cannot deactivate a listing in this state: state = sold_out"}, 400)
    etsy, _ = adapter(
        {
            f"PATCH {SHOP}/listings/15": refusal,
            "GET /v3/application/listings/15": listing("sold_out"),
        }
    )
    outcome = await etsy.deactivate(LINK)
    assert isinstance(outcome, Done)
    assert outcome.observation.observed == "sold"


async def test_a_refusal_to_take_off_what_is_still_on_sale_is_not_hidden() -> None:
    refusal = Says({"error": "This listing is frozen"}, 400)
    etsy, _ = adapter(
        {f"PATCH {SHOP}/listings/15": refusal, "GET /v3/application/listings/15": listing()}
    )
    assert isinstance(await etsy.hold(LINK, None), Invalid)


async def test_new_content_never_puts_back_what_was_just_sold() -> None:
    etsy, server = adapter({"GET /v3/application/listings/15": listing("sold_out")})
    outcome = await etsy.update(CONTENT, 1, LINK)
    assert isinstance(outcome, RetryLater)
    assert server.made() == ["GET /v3/application/listings/15"]


async def test_new_content_leaves_alone_what_someone_took_off_sale() -> None:
    etsy, server = adapter({"GET /v3/application/listings/15": listing("inactive")})
    outcome = await etsy.update(CONTENT, 1, LINK)
    assert isinstance(outcome, Done)
    assert outcome.observation.observed == "inactive"
    assert len(server.asked) == 1


async def test_a_spent_day_waits_as_long_as_etsy_says() -> None:
    spent = Says(status=429, headers={"retry-after": "86400", "x-remaining-today": "0"})
    etsy, _ = adapter({f"POST {SHOP}/listings": spent})
    outcome = await etsy.activate(CONTENT, 1, Link("item", "91.10"))
    assert outcome == RetryLater(86_400.0, "rate_limited")


async def test_receipts_are_paged_by_time_so_that_one_that_changes_hides_no_other() -> None:
    page = [{"receipt_id": n, "status": "open", "updated_timestamp": n} for n in range(1, 101)]
    etsy, server = adapter({f"GET {SHOP}/receipts": Says({"count": 150, "results": page})})
    first = await etsy.order_changes(json.dumps({"since": 1}))
    assert isinstance(first, Notices)
    assert json.loads(first.cursor or "") == {"since": 100}
    await etsy.order_changes(first.cursor)
    assert server.asked[-1].query["offset"] == "0"
    assert server.asked[-1].query["min_last_modified"] == "946684800"


async def test_receipts_that_changed_in_one_second_are_paged_by_place() -> None:
    page = [{"receipt_id": n, "status": "open", "updated_timestamp": 9} for n in range(100)]
    etsy, _ = adapter({f"GET {SHOP}/receipts": Says({"count": 150, "results": page})})
    first = await etsy.order_changes(json.dumps({"since": 9}))
    assert isinstance(first, Notices)
    assert json.loads(first.cursor or "") == {"since": 9, "offset": 100}


async def test_calls_refused_together_use_the_refresh_token_once() -> None:
    used: list[str] = []
    both_wait = asyncio.Event()

    async def renew(request: httpx2.Request) -> httpx2.Response:
        used.append(request.content.decode())
        await both_wait.wait()
        tokens = {"access_token": "new", "refresh_token": "rotated"}
        return httpx2.Response(200, json=tokens)

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(renew))
    token = EtsyToken(http, BASE, {"api_key": "k", "access_token": "old", "refresh_token": "r"})
    together = asyncio.gather(token.refresh(), token.refresh())
    asyncio.get_running_loop().call_soon(both_wait.set)
    assert list(await together) == [True, True]
    assert len(used) == 1
    assert (await token.headers())["Authorization"] == "Bearer new"
    await token.refresh()
    assert "refresh_token=rotated" in used[-1]
