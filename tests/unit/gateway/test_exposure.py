"""How long sold pieces were still on sale elsewhere; who reads which topic."""

from typing import Any

from gateway.domain.exposure import Exposure, exposures
from gateway.records.flow import readers
from gateway.watching import TOPICS


def listing(observed: str, second: int) -> dict[str, Any]:
    return {"observed": observed, "observed_at": f"2026-11-24T08:00:{second:02d}Z"}


def sold(second: int, order: str | None, **listings: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    sale = {
        "marketplace": "ebay",
        "sold_at": f"2026-11-24T08:00:{second:02d}Z",
        "recorded_at": f"2026-11-24T08:00:{second + 5:02d}Z",
        "external_order_id": order,
    }
    return sale, {"listings": listings}


def test_exposure_counts_from_the_sale_to_being_seen_off_sale() -> None:
    found = exposures(
        [
            sold(10, "o1", ebay=listing("sold", 11), etsy=listing("inactive", 12)),
            sold(20, "o2", etsy=listing("ended", 26)),
        ]
    )
    assert found == {"etsy": Exposure(2, 4.0, 6.0, 0)}


def test_of_a_sale_recorded_by_hand_it_counts_from_its_recording() -> None:
    assert exposures([sold(10, None, etsy=listing("inactive", 16))]) == {
        "etsy": Exposure(1, 1.0, 1.0, 0)
    }


def test_what_was_off_sale_before_was_never_exposed() -> None:
    assert exposures([sold(10, "o1", etsy=listing("inactive", 2))]) == {}


def test_what_is_still_on_sale_is_counted_apart() -> None:
    found = exposures([sold(10, "o1", etsy=listing("active", 2))])
    assert found == {"etsy": Exposure(1, None, None, 1)}


def test_every_service_is_looked_at_on_the_topics_it_reads() -> None:
    found = readers(("ebay", "etsy"))
    assert sorted(found["gateway"]) == sorted(TOPICS)
    assert found["sales"] == ["sales.commands"]
    assert sorted(found["marketplace-sync-etsy"]) == [
        "marketplace.etsy.commands",
        "marketplace.etsy.webhooks",
    ]
