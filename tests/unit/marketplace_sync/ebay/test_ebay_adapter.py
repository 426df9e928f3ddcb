"""The eBay adapter, call by call."""

from typing import Any

import pytest

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Money
from marketplace_sync.marketplaces.contract import (
    Account,
    Done,
    Gone,
    Invalid,
    Link,
    Progress,
    RetryLater,
    Unknown,
)
from marketplace_sync.marketplaces.ebay.adapter import EbayAdapter
from tests.support.answering import BASE, Answering, Asked, Says

DEFAULTS = {"marketplaceId": "EBAY_US", "categoryId": "20081", "currency": "USD"}
CONTENT = Content(sku="91.10", title="Chair", price=Money(amount="9.50", currency="USD"))
NEW = Link("item", "91.10")
OFFERED = Link("item", "91.10", steps={"offer_id": "7"})
LISTED = Link("item", "91.10", "110", steps={"offer_id": "7"})
INVENTORY, ORDERS = "/sell/inventory/v1", "/sell/fulfillment/v1/order"
ITEM, OFFER = f"{INVENTORY}/inventory_item/91.10", f"{INVENTORY}/offer"
DONE = Says(status=204, text="")
CREDENTIALS = {"client_id": "c", "client_secret": "s", "access_token": "old", "refresh_token": "r"}


def errors(*numbers: int, status: int = 400) -> Says:
    found = [{"errorId": number, "message": "It says why."} for number in numbers]
    return Says({"errors": found}, status)


def offer(status: str = "ACTIVE", quantity: int = 1, sold: int = 0) -> Says:
    listing = {"listingId": "110", "listingStatus": status, "soldQuantity": sold}
    shown = {"offerId": "7", "status": "PUBLISHED", "format": "FIXED_PRICE", "listing": listing}
    return Says({"total": 1, "offers": [{**shown, "availableQuantity": quantity}]})


USUAL = {
    f"PUT {ITEM}": DONE,
    f"POST {OFFER}": Says({"offerId": "7"}, 201),
    f"PUT {OFFER}/7": DONE,
    f"POST {OFFER}/7/publish": Says({"listingId": "110"}),
    f"POST {OFFER}/7/withdraw": Says({"listingId": "110"}),
    f"POST {INVENTORY}/bulk_update_price_quantity": Says({"responses": [{"statusCode": 200}]}),
    f"GET {OFFER}": offer(),
}


def adapter(answers: dict[str, Says] | None = None, **more: Any) -> tuple[EbayAdapter, Answering]:
    """Answers by `METHOD path`, else as eBay usually does; anything more is not found."""

    def respond(asked: Asked) -> Says:
        name = f"{asked.method} {asked.path}"
        return (answers or {}).get(name) or USUAL.get(name) or errors(2002, status=404)

    server = Answering(respond)
    account = Account("main", "main", BASE, {}, {**DEFAULTS, **more})
    return EbayAdapter(account, server.calls()), server


async def test_an_offer_is_made_and_its_number_kept_before_anything_else() -> None:
    ebay, server = adapter()
    assert await ebay.activate(CONTENT, 1, NEW) == Progress(OFFERED)
    assert server.made() == [f"PUT {ITEM}", f"POST {OFFER}"]


async def test_an_offer_is_brought_up_to_date_before_it_is_published() -> None:
    ebay, server = adapter()
    outcome = await ebay.activate(CONTENT, 1, OFFERED)
    assert isinstance(outcome, Done)
    assert outcome.verified
    assert outcome.link == LISTED
    assert server.made() == [
        f"PUT {ITEM}",
        f"PUT {OFFER}/7",
        f"POST {OFFER}/7/publish",
        f"GET {OFFER}",
    ]


@pytest.mark.parametrize(("status", "published"), [("ACTIVE", 0), ("ENDED", 1)])
async def test_a_listing_of_before_is_published_only_if_its_quantity_did_not_bring_it_back(
    status: str, published: int
) -> None:
    ebay, server = adapter({f"GET {OFFER}": offer(status)})
    await ebay.activate(CONTENT, 1, LISTED)
    assert server.made().count(f"POST {OFFER}/7/publish") == published


async def test_a_quantity_that_is_not_taken_up_yet_is_no_fault_of_the_dealers() -> None:
    ebay, server = adapter({f"POST {OFFER}/7/publish": errors(25004)})
    outcome = await ebay.activate(CONTENT, 1, OFFERED)
    assert isinstance(outcome, RetryLater)
    assert outcome.issue is not None
    assert (outcome.issue.category, outcome.issue.field) == ("marketplace", None)
    assert server.made()[0] == f"PUT {ITEM}"


async def test_what_else_is_wrong_beside_the_quantity_is_the_dealers() -> None:
    ebay, _ = adapter({f"POST {OFFER}/7/publish": errors(25004, 25005)})
    outcome = await ebay.activate(CONTENT, 1, OFFERED)
    assert isinstance(outcome, Invalid)
    assert [issue.field for issue in outcome.issues] == ["/quantity", "/category"]


async def test_an_offer_of_an_earlier_attempt_is_taken_over() -> None:
    named = {"name": "offerId", "value": "8"}
    known = {"errorId": 25002, "message": "Offer entity already exists.", "parameters": [named]}
    ebay, _ = adapter({f"POST {OFFER}": Says({"errors": [known]}, 400)})
    outcome = await ebay.activate(CONTENT, 1, NEW)
    assert isinstance(outcome, Progress)
    assert outcome.link.steps == {"offer_id": "8"}


@pytest.mark.parametrize(
    "says", [Says(cut=True), Says({}, 201), errors(25001, status=500), Says(status=502, text="")]
)
async def test_an_offer_that_may_have_been_made_is_in_doubt(says: Says) -> None:
    ebay, _ = adapter({f"POST {OFFER}": says})
    assert isinstance(await ebay.activate(CONTENT, 1, NEW), Unknown)


async def test_an_item_that_the_next_call_does_not_see_yet_is_waited_for() -> None:
    ebay, _ = adapter({f"POST {OFFER}": errors(25702)})
    assert isinstance(await ebay.activate(CONTENT, 1, NEW), RetryLater)


@pytest.mark.parametrize("says", [Says(cut=True), errors(25001, status=500)])
async def test_publishing_that_was_cut_off_is_in_doubt_and_replacing_an_item_is_not(
    says: Says,
) -> None:
    ebay, _ = adapter({f"POST {OFFER}/7/publish": says})
    assert isinstance(await ebay.activate(CONTENT, 1, OFFERED), Unknown)
    ebay, _ = adapter({f"PUT {ITEM}": says})
    assert isinstance(await ebay.activate(CONTENT, 1, OFFERED), RetryLater)


async def test_an_offer_that_is_no_longer_there_is_gone() -> None:
    ebay, _ = adapter({f"PUT {OFFER}/7": errors(25713, status=404)})
    assert await ebay.activate(CONTENT, 1, LISTED) == Gone()


async def test_a_price_in_a_wrong_currency_is_refused_before_any_call() -> None:
    ebay, server = adapter(currency="EUR")
    for outcome in (
        await ebay.activate(CONTENT, 1, NEW),
        await ebay.update(CONTENT, 1, LISTED),
    ):
        assert isinstance(outcome, Invalid)
        assert outcome.issues[0].field == "/price"
    assert all(made.startswith("GET") for made in server.made())


async def test_new_content_never_puts_back_what_was_just_sold() -> None:
    for shown in (offer("OUT_OF_STOCK", 0, 1), offer("ENDED", 0, 1)):
        ebay, server = adapter({f"GET {OFFER}": shown})
        assert isinstance(await ebay.update(CONTENT, 1, LISTED), RetryLater)
        assert server.made() == [f"GET {OFFER}"]


@pytest.mark.parametrize("take_off", ["hold", "deactivate"])
async def test_what_is_off_sale_already_needs_no_taking_off(take_off: str) -> None:
    refused = {
        f"POST {OFFER}/7/withdraw": errors(25002),
        f"POST {INVENTORY}/bulk_update_price_quantity": errors(25002),
        f"GET {OFFER}": Says({"offers": [{"offerId": "7", "status": "UNPUBLISHED"}]}),
    }
    ebay, _ = adapter(refused)
    outcome = await (ebay.hold(LISTED, None) if take_off == "hold" else ebay.deactivate(LISTED))
    assert isinstance(outcome, Done)
    assert outcome.observation.observed == "inactive"


@pytest.mark.parametrize("take_off", ["hold", "deactivate"])
async def test_a_refusal_to_take_off_what_is_still_on_sale_is_not_hidden(take_off: str) -> None:
    refused = {
        f"POST {OFFER}/7/withdraw": errors(25002),
        f"POST {INVENTORY}/bulk_update_price_quantity": errors(25759),
    }
    ebay, _ = adapter(refused)
    outcome = await (ebay.hold(LISTED, None) if take_off == "hold" else ebay.deactivate(LISTED))
    assert isinstance(outcome, Invalid)


@pytest.mark.parametrize("says", [Says(cut=True), errors(25001, status=500)])
async def test_taking_off_sale_that_was_cut_off_is_simply_tried_again(says: Says) -> None:
    cut = {
        f"POST {OFFER}/7/withdraw": says,
        f"POST {INVENTORY}/bulk_update_price_quantity": says,
    }
    ebay, _ = adapter(cut)
    assert isinstance(await ebay.deactivate(LISTED), RetryLater)
    assert isinstance(await ebay.hold(LISTED, None), RetryLater)


async def test_taking_off_sale_needs_no_number_but_the_sku() -> None:
    for take_off in ("hold", "deactivate"):
        ebay, server = adapter({f"GET {OFFER}": offer("OUT_OF_STOCK", 0)})
        outcome = await (ebay.hold(NEW, None) if take_off == "hold" else ebay.deactivate(NEW))
        assert isinstance(outcome, Done)
        assert len(server.asked) == 3
    ebay, server = adapter({f"GET {OFFER}": errors(25713, status=404)})
    assert await ebay.deactivate(NEW) == Gone()
    assert len(server.asked) == 1


async def test_a_hold_remembers_what_the_listing_had_sold_by_then() -> None:
    ebay, _ = adapter({f"GET {OFFER}": offer("OUT_OF_STOCK", 0, sold=1)})
    held = await ebay.hold(LISTED, None)
    assert isinstance(held, Done)
    assert held.observation.observed == "on_hold"
    again = await ebay.read(held.link)
    assert isinstance(again, Done)
    assert again.observation.observed == "on_hold"
    fresh = await ebay.read(LISTED)
    assert isinstance(fresh, Done)
    assert fresh.observation.observed == "sold"


@pytest.mark.parametrize(
    "says", [Says(text="<html>"), Says(text="<html>", status=404), Says({}), Says([])]
)
async def test_a_page_of_someone_in_between_is_never_taken_for_gone(says: Says) -> None:
    ebay, _ = adapter({f"GET {OFFER}": says})
    assert not isinstance(await ebay.read(LISTED), Gone | Done)


async def test_an_auction_of_the_same_sku_is_not_ours() -> None:
    auction = {"offerId": "9", "status": "PUBLISHED", "format": "AUCTION"}
    ebay, _ = adapter({f"GET {OFFER}": Says({"offers": [auction]})})
    assert await ebay.read(NEW) == Gone()


async def test_an_offer_once_listed_is_inactive_and_never_a_draft_again() -> None:
    ebay, _ = adapter({f"GET {OFFER}": Says({"offers": [{"offerId": "7", "status": "x"}]})})
    shown = [await ebay.read(link) for link in (OFFERED, LISTED)]
    states = [one.observation.observed for one in shown if isinstance(one, Done)]
    assert states == ["draft", "inactive"]
