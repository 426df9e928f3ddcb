"""Listings that somebody changed there, linked by hand, read again or tried again, by the API."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from brocante.contracts.listings import ListingObserved
from brocante.contracts.values import Observed
from tests.support.gateway_calls import WAIT, create, fresh, item, on_sale, record, states
from tests.support.gateway_installation import GatewayInstallation
from tests.support.installation import until

pytestmark = pytest.mark.timeout(180)


def seen(brocante: GatewayInstallation, http: httpx2.Client, item_id: str, shows: Observed) -> None:
    """The dealer changes the listing on Etsy itself, and a sweep sees it."""
    observed = ListingObserved(
        item_id=item_id,
        marketplace="etsy",
        intent=item(http, item_id)["listings"]["etsy"]["intent"],
        observed=shows,
        external_id=f"etsy-{item_id}",
        observed_at=datetime.now(UTC),
        source="sweep",
        changed_by="dealer",
    )
    brocante.worker.say("etsy", observed)


def act(http: httpx2.Client, item_id: str, what: str, **body: Any) -> httpx2.Response:
    path = f"/api/v1/items/{item_id}/listings/etsy/{what}"
    return http.post(path, json=body, headers=WAIT)


@pytest.fixture
def drifted(http: httpx2.Client, brocante: GatewayInstallation) -> str:
    """An item that the dealer ended on Etsy."""
    item_id = on_sale(http, "ebay", "etsy")
    seen(brocante, http, item_id, "ended")
    until(lambda: item(http, item_id)["listings"]["etsy"].get("drift"), "the drift is shown")
    return item_id


def test_a_change_made_there_is_shown_with_who_and_not_fought(
    http: httpx2.Client, drifted: str
) -> None:
    listing = item(http, drifted)["listings"]["etsy"]
    assert (listing["desired"], listing["observed"]) == ("active", "ended")
    assert (listing["drift"]["observed"], listing["drift"]["changed_by"]) == ("ended", "dealer")


def test_a_drift_is_accepted(http: httpx2.Client, drifted: str) -> None:
    answer = act(http, drifted, "accept-drift")
    assert answer.status_code == 200, answer.text
    listing = answer.json()["item"]["listings"]["etsy"]
    assert listing["desired"] == "inactive"
    assert "drift" not in listing


def test_a_drift_is_undone(http: httpx2.Client, drifted: str) -> None:
    answer = act(http, drifted, "restore")
    assert answer.status_code == 200, answer.text
    listing = answer.json()["item"]["listings"]["etsy"]
    assert (listing["desired"], listing["observed"]) == ("active", "active")
    assert "drift" not in listing


def test_a_sold_item_found_on_sale_is_taken_down_at_once(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id = on_sale(http, "ebay", "etsy")
    record(http, item_id, "ebay")
    until(lambda: states(http, item_id) == {"ebay": "sold", "etsy": "inactive"}, "it is off sale")
    before = item(http, item_id)["listings"]["etsy"]["intent"]
    seen(brocante, http, item_id, "active")
    until(lambda: item(http, item_id)["listings"]["etsy"]["intent"] == before + 1, "it is acted on")
    until(lambda: item(http, item_id)["settled"], "it is off sale again")
    assert states(http, item_id) == {"ebay": "sold", "etsy": "inactive"}
    assert brocante.worker.told[item_id, "etsy"].reason == "drift"


def test_a_linked_listing_is_wanted_as_it_is_shown_and_belongs_to_one_item(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id, other, number = create(http), create(http), fresh("listing")
    assert act(http, item_id, "link", external_id=number).status_code == 200
    until(lambda: item(http, item_id)["settled"], "the listing was read")
    listing = item(http, item_id)["listings"]["etsy"]
    assert (listing["desired"], listing["external_id"]) == ("active", number)
    assert (item_id, "etsy") not in brocante.worker.told
    taken = act(http, other, "link", external_id=number)
    assert (taken.status_code, taken.json()["code"]) == (409, "link_taken")
    assert item(http, other)["listings"] == {}


def test_linking_a_listing_that_is_over_puts_nothing_on_sale(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id, number = create(http), fresh("listing")
    brocante.worker.shows[number] = "ended"
    assert act(http, item_id, "link", external_id=number).status_code == 200
    until(lambda: item(http, item_id)["settled"], "the listing was read")
    assert item(http, item_id)["listings"]["etsy"]["desired"] == "inactive"


def test_a_listing_that_is_on_sale_of_a_sold_item_is_taken_down_once_linked(
    http: httpx2.Client,
) -> None:
    item_id = create(http)
    record(http, item_id, "showroom")
    until(lambda: item(http, item_id)["status"] == "sold", "it is sold")
    assert act(http, item_id, "link", external_id=fresh("listing")).status_code == 200
    until(lambda: item(http, item_id)["settled"], "it is off sale")
    assert states(http, item_id) == {"etsy": "inactive"}


def test_a_listing_is_read_again_when_asked(http: httpx2.Client) -> None:
    item_id = on_sale(http, "etsy")
    answer = act(http, item_id, "check")
    assert (answer.status_code, answer.json()["status"]) == (200, "done")
    assert answer.json()["item"]["item_id"] == item_id


@pytest.mark.parametrize("what", ["accept-drift", "restore"])
def test_a_listing_that_is_not_there_is_refused(http: httpx2.Client, what: str) -> None:
    answer = act(http, create(http), what)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_connected")
