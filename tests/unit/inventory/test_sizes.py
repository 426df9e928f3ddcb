"""An item that says too much is refused, and the field that says most is named."""

import pytest
from msgspec.structs import replace

from inventory.domain.listing import Details
from inventory.domain.sizes import MOST
from tests.unit.inventory.story import LAMP, Story, on_sale

WITHOUT_TITLE = MOST - len(LAMP.title)


def test_an_item_may_say_so_much_and_not_a_character_more() -> None:
    fits = replace(LAMP, description="x" * WITHOUT_TITLE)
    assert Story().create("ebay", content=fits).refusal is None
    refusal = Story().create(content=replace(LAMP, description="x" * (WITHOUT_TITLE + 1))).refusal
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("invalid", "/description")
    assert f"{MOST + 1} characters" in refusal.message


def test_attributes_and_pictures_count() -> None:
    large = replace(LAMP, attributes={"history": "x" * MOST}, images=("https://a.example/1",))
    refusal = Story().create(content=large).refusal
    assert refusal is not None
    assert refusal.field == "/attributes"


@pytest.mark.parametrize("after_an_edit", [True, False])
def test_what_listings_say_of_their_own_counts_with_it(*, after_an_edit: bool) -> None:
    half = Details(description="x" * (MOST // 2))
    story = on_sale("ebay", "etsy").edit(details={"ebay": half})
    assert story.refusal is None
    before = story.known
    own = (
        {"etsy": half} if after_an_edit else {"etsy": Details(), "ebay": Details(title="x" * MOST)}
    )
    refused = story.edit(details=own)
    assert refused.refusal is not None
    assert refused.refusal.field == (
        "/listings/ebay/description" if after_an_edit else "/listings/ebay/title"
    )
    assert refused.known is before
