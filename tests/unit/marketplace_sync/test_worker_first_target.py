"""The first target of a listing makes its document: nothing is asked for before."""

import pytest

from brocante.contracts.marketplace import ListingActivate, ListingDeactivate, Target
from marketplace_sync.documents import kinds
from marketplace_sync.handlers import table
from tests.support import toy
from tests.support.tables import finds_nothing

TABLE = table("ebay", kinds("ebay"), finds_nothing)


@pytest.mark.parametrize("message", [ListingActivate, ListingDeactivate])
@pytest.mark.parametrize(("intent", "makes_it"), [(1, True), (2, False)])
def test_only_a_first_target_is_taken_to_make_the_document(
    message: type[ListingActivate], intent: int, *, makes_it: bool
) -> None:
    told = message(
        item_id="lamp",
        marketplace="ebay",
        intent=intent,
        reason="requested",
        target=Target(desired="active", quantity=1),
    )
    route = TABLE.route(message)
    assert route is not None
    assert route.creates(toy.received(told, "t1")) is makes_it
