"""What a worker refuses to carry out does not wait for ever."""

from typing import Any

import pytest

from brocante.contracts import sources
from brocante.contracts.answers import CommandRejected
from brocante.contracts.inventory import ItemDeactivate, ItemLink
from brocante.contracts.marketplace import ListingLink
from inventory.domain.listing import Listing
from tests.support.tables import Driven
from tests.unit.inventory.wire import ACTIVATE, CREATE, activated, snapshot

EBAY = sources.worker("ebay")


def rejection(intent: int | None = 1, **changes: Any) -> CommandRejected:
    refused = {
        "command_id": "c1",
        "command_type": "listing.activate",
        "code": "unknown_marketplace",
        "message": "There is no account on ebay.",
        "intent": intent,
    }
    return CommandRejected.model_validate({**refused, **changes})


def refuse(
    driven: Driven, rejected: CommandRejected, source: str = EBAY, subject: str = "lamp"
) -> Driven:
    return driven.take(rejected, source=source, subject=subject)


def ebay(driven: Driven) -> Listing:
    listing: Listing = driven.state("main/lamp").listings["ebay"]
    return listing


@pytest.fixture
def queued(inventory: Driven) -> Driven:
    return inventory.take(CREATE).take(ACTIVATE)


def test_a_listing_whose_target_its_worker_refuses_is_blocked_and_says_what_to_do(
    queued: Driven,
) -> None:
    said = snapshot(refuse(queued, rejection())).listings
    assert (said["ebay"].operation, said["etsy"].operation) == ("blocked", "queued")
    (issue,) = said["ebay"].issues
    assert (issue.code, issue.category, issue.marketplace) == (
        "unknown_marketplace",
        "system",
        "ebay",
    )
    assert issue.message == "There is no account on ebay."
    assert issue.action
    assert ebay(queued).heard_at == queued.now


def test_a_target_its_worker_could_not_read_is_blocked_too(queued: Driven) -> None:
    refuse(queued, rejection(None, code="invalid", message="Of another version."))
    assert ebay(queued).operation == "blocked"


def test_the_refusal_of_an_older_target_blocks_nothing(queued: Driven) -> None:
    queued.take(ItemDeactivate(item_id="lamp", marketplaces=["ebay"]))
    assert refuse(queued, rejection(1)).types == []
    assert ebay(queued).operation == "queued"


def test_a_target_said_once_more_and_refused_leaves_what_was_reached(on_sale: Driven) -> None:
    assert refuse(on_sale, rejection()).types == []
    assert ebay(on_sale).settled


def test_a_refused_target_is_told_again_when_it_is_asked_for_again(queued: Driven) -> None:
    refuse(queued, rejection()).take(ACTIVATE)
    assert (ebay(queued).operation, ebay(queued).intent) == ("queued", 2)


def test_a_target_carried_out_after_all_is_no_longer_blocked(queued: Driven) -> None:
    refuse(queued, rejection()).take(activated(queued, "ebay"))
    assert ebay(queued).settled


def test_a_refused_link_can_be_asked_for_again(queued: Driven) -> None:
    queued.take(activated(queued, "ebay")).take(ItemDeactivate(item_id="lamp", marketplaces=["*"]))
    gone = activated(queued, "ebay").model_copy(update={"observed": "ended"})
    queued.take(gone).take(ItemLink(item_id="lamp", marketplace="ebay", external_id="e2"))
    link = rejection(ebay(queued).intent, command_type="listing.link")
    assert ebay(refuse(queued, link)).operation == "blocked"
    queued.take(ItemLink(item_id="lamp", marketplace="ebay", external_id="e2"))
    assert len(queued.said(ListingLink)) == 1


@pytest.mark.parametrize(
    ("rejected", "source", "subject"),
    [
        (rejection(command_type="listing.check"), EBAY, "lamp"),
        (rejection(command_type="sale.merge"), sources.SALES, "lamp"),
        (rejection(), "app", "lamp"),
        (rejection(), EBAY, "sofa"),
        (rejection(), sources.worker("shopify"), "lamp"),
    ],
)
def test_a_refusal_of_anything_else_changes_no_listing(
    queued: Driven, rejected: CommandRejected, source: str, subject: str
) -> None:
    before = queued.state("main/lamp")
    assert refuse(queued, rejected, source, subject).types == []
    assert queued.state("main/lamp") == before
