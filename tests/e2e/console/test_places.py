"""Every place of the console: axe in both schemes, on wide and narrow screens and zoomed in.

`BROCANTE_SCREENSHOTS=FOLDER` keeps a picture of each, to be looked at by people.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page, ViewportSize, expect

from gateway.console.all_pages import PAGES
from gateway.console.helping import GUIDES
from tests.e2e.console.places import EMPTY, PARTS, PLACES, Place
from tests.e2e.console.scene import Scene, set_scene
from tests.support.browsing import NARROW, WIDE, overflow, violations
from tests.support.installation import Installation

pytestmark = [pytest.mark.chromium, pytest.mark.slow, pytest.mark.timeout(240)]
# 200 % on a screen of 1280 pixels, and what WCAG 1.4.10 asks for: 400 %.
ZOOMED = ViewportSize(width=640, height=400)
SMALLEST = ViewportSize(width=320, height=256)
LOOKS = (("light", "wide"), ("dark", "narrow"))
KEPT = os.environ.get("BROCANTE_SCREENSHOTS", "")


@pytest.fixture(scope="module")
def scene(brocante: Installation) -> Scene:
    return set_scene(brocante)


@pytest.fixture
def stranger(browser: Browser, brocante: Installation) -> Iterator[Page]:
    """The browser of somebody who is not signed in."""
    context = browser.new_context(base_url=brocante.up["http"], viewport=WIDE)
    yield context.new_page()
    context.close()


def go(page: Page, place: Place, scene: Scene | None) -> None:
    """Come there."""
    named = asdict(scene) if scene else {}
    page.goto(re.sub(r"\{(\w+)\}", lambda found: str(named[found[1]]), place.path))
    if place.step is not None:
        place.step(page)
    heading = page.get_by_role("heading", name=re.compile("^" + re.escape(place.heading)))
    expect(heading.first).to_be_visible()


def keep(page: Page, place: Place, how: str) -> None:
    """Keep a picture where that is asked for."""
    if KEPT:
        name = re.sub(r"[^a-z0-9]+", "-", place.name.lower()).strip("-")
        full = page.locator("dialog[open]").count() == 0
        page.screenshot(
            path=Path(KEPT) / f"{name}.{how}.png", full_page=full, animations="disabled"
        )


def assert_usable(page: Page, place: Place) -> None:
    """axe finds nothing and nothing runs out of the screen, however it is looked at.

    What it says of colors is the scheme's, of sizes the width's: each is looked at once.
    """
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size(NARROW if width == "narrow" else WIDE)
        keep(page, place, f"{scheme}-{width}")
        assert violations(page) == [], f"{scheme}, {width}"
    for size in (NARROW, SMALLEST, ZOOMED, WIDE):
        page.set_viewport_size(size)
        assert overflow(page) <= 0, size


def test_every_page_of_the_console_is_in_the_table() -> None:
    routes = {
        route.path
        for module in PAGES
        for route in module.router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
    assert {place.route for place in PLACES} - {""} == routes - PARTS
    assert {f"/help/{slug}" for slug in GUIDES} <= {place.path for place in PLACES}
    names = [place.name for place in (*EMPTY, *PLACES)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("place", EMPTY, ids=lambda place: place.name)
def test_a_place_where_nothing_is_yet_is_usable(page: Page, place: Place) -> None:
    go(page, place, None)
    assert_usable(page, place)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_place_is_usable_in_both_schemes_and_on_every_screen(
    request: pytest.FixtureRequest, scene: Scene, place: Place
) -> None:
    looked_at: Page = request.getfixturevalue("page" if place.who == "dealer" else "stranger")
    go(looked_at, place, scene)
    assert_usable(looked_at, place)
