"""Why a listing is not on sale: one sentence for every rule of the domain."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.domain.why import Asked, Why, hold_in_words, who_did, why_not_active

NAMES = {"ebay": "eBay", "etsy": "Etsy", "showroom": "Showroom"}
AT = "2026-11-24T08:00:00Z"
WHEN = "2026-11-24 08:00 UTC"
MISSING = {"message": "Period is missing.", "severity": "error", "code": "required_field_missing"}
LATER = {"message": "Maker is missing from 2027-01-01 on.", "severity": "warning", "code": "x"}


def listing(**changes: Any) -> dict[str, Any]:
    return {"desired": "inactive", "observed": "inactive", "operation": "idle", **changes}


def item(etsy: dict[str, Any], **changes: Any) -> dict[str, Any]:
    ebay = listing(desired="active", observed="active")
    item = {"status": "available", "on_hand": 1, "open_sales": []}
    return {**item, "listings": {"ebay": ebay, "etsy": etsy}, **changes}


def sale(place: str = "ebay", **changes: Any) -> dict[str, Any]:
    return {"sale_id": "s1", "marketplace": place, "sold_at": AT, "status": "open", **changes}


def canceled(place: str = "ebay", relist: str = "origin", **changes: Any) -> dict[str, Any]:
    return sale(place, status="canceled", canceled_at=AT, relist=relist, **changes)


def asked(kind: str, hour: int, outcome: str = "done", **what: Any) -> dict[str, Any]:
    at = datetime(2026, 11, 24, hour, tzinfo=UTC)
    what = {"marketplaces": ["etsy"], **what}
    return {"type": kind, "at": at, "actor": "session:owner", "outcome": outcome, "what": what}


def why(etsy: dict[str, Any], asked: Asked = Asked(), **changes: Any) -> Why | None:  # noqa: B008 - frozen
    return why_not_active(item(etsy, **changes), "etsy", asked, lambda slug: NAMES[slug])


SOLD = {"status": "sold", "on_hand": 0}
DRIFT = {"observed": "ended", "changed_by": "marketplace", "since": AT}
TABLE: list[tuple[str, dict[str, Any], dict[str, Any], Asked, str]] = [
    (
        "deleted",
        listing(),
        {"status": "deleted"},
        Asked(),
        "The item was deleted; its history stays readable.",
    ),
    (
        "sold_elsewhere",
        listing(),
        {**SOLD, "open_sales": [sale()]},
        Asked(),
        f"It was sold on eBay on {WHEN}.",
    ),
    (
        "sold_here",
        listing(desired="sold", observed="sold"),
        {**SOLD, "on_hand": -1, "open_sales": [sale(), sale("etsy", sale_id="s2")]},
        Asked(),
        f"It was sold on Etsy on {WHEN}.",
    ),
    (
        "drift",
        listing(desired="active", observed="ended", drift=DRIFT),
        {},
        Asked(),
        (
            f"Etsy itself changed it: it has been ended there since {WHEN}. "
            "Accept this, or restore it."
        ),
    ),
    (
        "refused",
        listing(operation="needs_dealer", issues=[MISSING, LATER]),
        {},
        Asked(),
        "Etsy did not take it: Period is missing.",
    ),
    (
        "blocked",
        listing(operation="blocked", issues=[{"message": "Etsy is away.", "severity": "error"}]),
        {},
        Asked(),
        "It could not be done on Etsy: Etsy is away.",
    ),
    (
        "needs_person",
        listing(operation="needs_person"),
        {},
        Asked(),
        "A person has to do this on Etsy by hand.",
    ),
    (
        "in_review",
        listing(desired="active", observed="pending_review"),
        {},
        Asked(),
        "Etsy is reviewing it.",
    ),
    (
        "retrying",
        listing(desired="active", operation="retrying", next_attempt_at=AT),
        {},
        Asked(),
        f"Etsy did not answer as it should; it is tried again at {WHEN}.",
    ),
    (
        "on_its_way",
        listing(desired="active", operation="queued"),
        {},
        Asked(),
        "It is about to go on sale on Etsy.",
    ),
    (
        "on_hold",
        listing(desired="on_hold", observed="on_hold", hold={"holder": "Mrs. Aldous", "until": AT}),
        {},
        Asked(),
        f"On hold for Mrs. Aldous until {WHEN}.",
    ),
    (
        "unavailable",
        listing(),
        {"status": "unavailable"},
        Asked(sales=[canceled(reason="damaged", relist="none")]),
        (
            "The sale on eBay was canceled because it is damaged, so the item is unavailable: "
            "make it available again to put it on sale."
        ),
    ),
    (
        "unavailable",
        listing(),
        {"status": "unavailable"},
        Asked(),
        "The item is unavailable: make it available again to put it on sale.",
    ),
    (
        "out_of_stock",
        listing(),
        {"status": "out_of_stock", "on_hand": 0},
        Asked(),
        "None is left: raise the quantity to put it on sale again.",
    ),
    (
        "draft",
        listing(desired="draft", observed="none"),
        {},
        Asked(),
        "It is a draft: it has not been activated on Etsy yet.",
    ),
    (
        "canceled_origin",
        listing(),
        {},
        Asked(sales=[canceled()], commands=[asked("item.deactivate", 7)]),
        (
            f"The sale on eBay was canceled on {WHEN}: only eBay, where it was sold, "
            "was put back on sale."
        ),
    ),
    (
        "canceled_not_connected",
        listing(),
        {},
        Asked(sales=[canceled("showroom")]),
        (
            f"The sale on Showroom was canceled on {WHEN}; Showroom is not connected, "
            "so nothing was put back on sale."
        ),
    ),
    (
        "canceled_none",
        listing(),
        {},
        Asked(sales=[canceled("ebay", "none")]),
        f"The sale on eBay was canceled on {WHEN}, and nothing was to be put back on sale.",
    ),
    (
        "canceled_as_before",
        listing(),
        {},
        Asked(sales=[canceled("ebay", "as_before")]),
        (
            f"The sale on eBay was canceled on {WHEN}, and it had not been on sale on Etsy "
            "before the sale."
        ),
    ),
    (
        "deactivated",
        listing(),
        {},
        Asked(sales=[canceled()], commands=[asked("item.deactivate", 9, marketplaces=["*"])]),
        "Owner deactivated it on 2026-11-24 09:00 UTC.",
    ),
    (
        "hold_ended",
        listing(),
        {},
        Asked(commands=[asked("item.hold", 7, until=AT)]),
        f"The hold until {WHEN} ended; it was not on sale before that either.",
    ),
    (
        "released",
        listing(),
        {},
        Asked(commands=[asked("item.release", 9), asked("item.hold", 7)]),
        "Owner released the hold on 2026-11-24 09:00 UTC; it was not on sale before that either.",
    ),
    (
        "drift_accepted",
        listing(),
        {},
        Asked(commands=[asked("item.accept_drift", 9, marketplace="etsy", marketplaces=None)]),
        "Owner accepted that it is off sale there on 2026-11-24 09:00 UTC.",
    ),
    (
        "never_activated",
        listing(),
        {},
        Asked(
            commands=[
                asked("item.deactivate", 9, marketplaces=["ebay"]),
                asked("item.deactivate", 9, "rejected"),
            ]
        ),
        "It has not been activated on Etsy since it was connected.",
    ),
    (
        "unknown",
        listing(desired="active", observed="unknown"),
        {},
        Asked(),
        "What Etsy shows is not known at the moment; it is being read.",
    ),
    (
        "catching_up",
        listing(desired="active", observed="inactive"),
        {},
        Asked(),
        "Etsy does not show it yet as it should.",
    ),
]


@pytest.mark.parametrize(("code", "etsy", "about", "known", "text"), TABLE)
def test_the_reason_is_told_in_one_sentence(
    code: str, etsy: dict[str, Any], about: dict[str, Any], known: Asked, text: str
) -> None:
    found = why(etsy, known, **about)
    assert found is not None
    assert (found.code, found.text) == (code, text)


def test_what_is_on_sale_needs_no_reason() -> None:
    assert why(listing(desired="active", observed="active")) is None


def test_a_hold_is_told_with_holder_reason_and_end() -> None:
    told = hold_in_words({"holder": "Mrs. Aldous", "reason": "deposit paid"})
    assert "".join(map(str, told)) == "On hold for Mrs. Aldous (deposit paid) until it is released."
    assert hold_in_words({}) == ("On hold until it is released.",)


@pytest.mark.parametrize(
    ("actor", "who"),
    [
        ("session:owner", "Owner"),
        ("token:shop", "shop (by API)"),
        ("webhook:ebay", "A message from ebay"),
        (None, "Somebody"),
    ],
)
def test_who_did_something_is_named(actor: str | None, who: str) -> None:
    assert who_did(actor) == who
