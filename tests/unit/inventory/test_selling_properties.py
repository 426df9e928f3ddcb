"""Whatever happens in whatever order: stock adds up, and a plan shown is what canceling does."""

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.domain.sales import RELISTS, Relist
from tests.unit.inventory.story import Story

PLACES = ("ebay", "etsy", "shopify", "showroom")
CONNECTED = PLACES[:3]
MANY = settings(max_examples=settings().max_examples * 3 // 2)
SALES = ("s1", "s2", "s3")

steps = st.lists(
    st.one_of(
        st.tuples(st.just("sell"), st.sampled_from(SALES), st.sampled_from(PLACES)),
        st.tuples(st.just("cancel"), st.sampled_from(SALES), st.sampled_from(RELISTS)),
        st.tuples(st.just("activate"), st.sampled_from(CONNECTED), st.none()),
        st.tuples(st.just("hold"), st.sampled_from(CONNECTED), st.none()),
        st.tuples(st.just("deactivate"), st.sampled_from(CONNECTED), st.none()),
        st.tuples(st.just("done"), st.none(), st.none()),
        st.tuples(st.just("refuse"), st.sampled_from(CONNECTED), st.none()),
        st.tuples(st.just("quantity"), st.integers(0, 3), st.none()),
    ),
    max_size=10,
)


def play(script: list[tuple[str, object, object]], quantity: int) -> Story:
    story = Story().create(*CONNECTED, quantity=quantity)
    for what, first, second in script:
        step(story, what, str(first), second)
        check(story)
    return story


def step(story: Story, what: str, first: str, second: object) -> None:
    match what:
        case "sell" if first not in story.versions:
            # Order numbers keep sales by hand from being merged: that has its own tests.
            story.sell(str(second), first, order=f"o-{first}")
        case "cancel" if first in story.known.sales:
            story.cancel(first, second, chosen=True)  # type: ignore[arg-type]
        case "activate" | "hold" | "deactivate":
            getattr(story, what)(first)
        case "done":
            story.done()
        case "refuse":
            story.refuse(first)
        case "quantity":
            story.edit(quantity=int(first))


def check(story: Story) -> None:
    item = story.known
    assert story.on_hand == item.quantity - sum(s.quantity for s in item.sales.values())
    if story.status == "sold":
        assert not {"active", "on_hold"} & set(story.desired.values())
    else:
        assert "sold" not in story.desired.values()
        assert not item.before
    for listing in item.listings.values():
        assert (listing.hold is not None) == (listing.desired == "on_hold")


@MANY
@given(steps, st.integers(0, 3))
def test_stock_adds_up_and_nothing_sold_is_wanted_on_sale(
    script: list[tuple[str, object, object]], quantity: int
) -> None:
    play(script, quantity)


@MANY
@given(steps, st.integers(1, 2), st.sampled_from(RELISTS))
def test_the_plan_shown_is_what_canceling_then_does(
    script: list[tuple[str, object, object]], quantity: int, relist: Relist
) -> None:
    story = play(script, quantity)
    for sale_id in list(story.known.sales):
        shown = story.plan(sale_id, relist)
        story.cancel(sale_id, relist, chosen=True)
        assert story.desired == shown


@given(steps)
def test_intents_and_revisions_only_rise(script: list[tuple[str, object, object]]) -> None:
    story = Story().create(*CONNECTED)
    for what, first, second in script:
        before = story.known
        step(story, what, str(first), second)
        assert story.known.revision >= before.revision
        for marketplace, listing in before.listings.items():
            assert story.listing(marketplace).intent >= listing.intent
            target = (listing.desired, listing.hold)
            now = story.listing(marketplace)
            assert now.intent > listing.intent or (now.desired, now.hold) == target
