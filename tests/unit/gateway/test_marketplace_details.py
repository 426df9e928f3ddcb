"""The form of a marketplace's details: what it asks, what it shows, what it changes."""

from datetime import UTC, datetime
from typing import Any

from brocante.contracts.values import Requirement
from gateway.domain.details import Control, controls, patch_of

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PERIOD = Requirement(field="/attributes/period", label="Period", required=True)
MATERIALS = Requirement(field="/attributes/materials", label="Materials", type="list")
YEAR = Requirement(field="/attributes/year", label="Year", type="integer")
SIGNED = Requirement(field="/attributes/signed", label="Signed", type="boolean")
ASKED = (PERIOD, MATERIALS, YEAR, SIGNED)


def item(**etsy: Any) -> dict[str, Any]:
    return {
        "title": "Walnut chair",
        "price": {"amount": "950.00", "currency": "EUR"},
        "attributes": {"maker": "Jacob"},
        "listings": {"etsy": {"details": etsy}},
    }


def by_field(given: list[Control]) -> dict[str, Control]:
    return {one.pointer: one for one in given}


def patch(item: dict[str, Any], **said: str) -> dict[str, Any]:
    """The change that a form leads to: what it showed, with these fields filled in."""
    shown = {one.pointer: one.value for one in controls(item, "etsy", ASKED)}
    typed = {name.replace("__", "/"): value for name, value in said.items()}
    given = controls(item, "etsy", ASKED, {**shown, **typed})
    return patch_of(given, item["listings"]["etsy"]["details"])


def test_required_fields_come_first_and_every_field_says_what_the_item_says() -> None:
    found = controls(item(), "etsy", ASKED)
    assert found[0].pointer == "/attributes/period"
    named = by_field(found)
    assert (named["/title"].value, named["/title"].inherited) == ("", "Walnut chair")
    assert (named["/price"].inherited, named["/price"].currency) == ("950.00", "EUR")
    assert named["/attributes/maker"].inherited == "Jacob"


def test_a_form_sent_unchanged_changes_nothing() -> None:
    full = item(
        title="Oak",
        price={"amount": "1.00", "currency": "USD"},
        attributes={"materials": ["oak", "brass"], "year": 1790, "signed": True},
    )
    assert patch(full) == {}


def test_what_is_filled_in_is_saved_in_the_fields_own_kind() -> None:
    assert patch(
        item(),
        __title="Oak chair",
        __price="1,200.50",
        __attributes__materials="oak\r\n brass \r\n",
        __attributes__year="1790",
        __attributes__signed="true",
    ) == {
        "title": "Oak chair",
        "price": {"amount": "1200.50", "currency": "EUR"},
        "attributes": {"materials": ["oak", "brass"], "year": 1790, "signed": True},
    }


def test_what_is_emptied_is_taken_from_the_item_again() -> None:
    assert patch(item(title="Oak", attributes={"year": 1790}), __title="") == {"title": None}


def test_what_is_no_number_is_kept_as_it_was_typed_so_that_it_can_be_refused_by_name() -> None:
    assert patch(item(), __attributes__year="about 1790") == {"attributes": {"year": "about 1790"}}


def test_a_field_whose_name_has_a_slash_is_found_again() -> None:
    odd = item(attributes={"h/w": "40 x 30"})
    assert "/attributes/h~1w" in by_field(controls(odd, "etsy", ()))
    given = controls(odd, "etsy", (), {"/attributes/h~1w": "50"})
    assert patch_of(given, odd["listings"]["etsy"]["details"]) == {"attributes": {"h/w": "50"}}


def test_an_announced_requirement_is_marked_until_it_is_in_force() -> None:
    coming = PERIOD.model_copy(update={"effective_at": datetime(2027, 1, 1, tzinfo=UTC)})
    (first, *_) = controls(item(), "etsy", [coming])
    assert first.changes_after(NOW)
    assert not first.changes_after(datetime(2027, 2, 1, tzinfo=UTC))
