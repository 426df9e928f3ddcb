"""What a new target leaves of a listing: what is there, and nothing of what was tried before."""

from datetime import UTC, datetime

from msgspec.structs import replace

from inventory.domain.item import Content, Item
from inventory.domain.listing import Details, Drift, Hold, Issue, Listing, Told, Wanted
from inventory.domain.targeting import INACTIVE, aim

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOLD = Hold(until=AT, holder="Anna", reason="a visit")
WORKED_ON = Listing(
    desired="on_hold",
    intent=7,
    observed="active",
    observed_at=AT,
    source="sweep",
    operation="retrying",
    issues=(Issue("timeout", "marketplace", "It did not answer.", "Wait."),),
    attempts=3,
    next_attempt_at=AT,
    external_id="e1",
    url="https://ebay.invalid/e1",
    details=Details(title="A lamp"),
    hold=HOLD,
    drift=Drift("ended", AT),
    told=Told("hold", "hold"),
    fallback=Wanted("draft"),
    refused=True,
    linking=True,
    held_as="draft",
    heard_at=AT,
)


def test_every_field_of_the_example_says_something() -> None:
    assert [name for name in Listing.__struct_fields__ if not getattr(WORKED_ON, name)] == []


def test_a_new_target_keeps_what_is_there_and_ends_what_was_tried() -> None:
    item = Item("lamp", Content("LAMP", "Lamp"), 1, listings={"ebay": WORKED_ON})
    aimed = aim(item, "ebay", Wanted("active"), "requested", fallback=INACTIVE)
    assert aimed.listings["ebay"] == replace(
        WORKED_ON,
        desired="active",
        hold=None,
        intent=8,
        operation="queued",
        issues=(),
        attempts=0,
        next_attempt_at=None,
        drift=None,
        refused=False,
        linking=False,
        fallback=INACTIVE,
        told=Told("activate", "requested"),
        heard_at=None,
    )
