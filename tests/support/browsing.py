"""Chromium for tests of the console: a browser, a signed-in page, axe, what must fit."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, sync_playwright

from tests.support.installation import Installation

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NARROW = ViewportSize(width=320, height=700)
WIDE = ViewportSize(width=1280, height=800)
AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; the test is skipped where it is not."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not there")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


def signed_in_state(brocante: Installation) -> StorageState:
    """What a browser keeps of a session that the printed link opened."""
    with httpx2.Client(trust_env=False) as visitor:
        answer = visitor.get(brocante.up["sign_in"])
        assert answer.status_code == 303, answer.text
        kept = dict(visitor.cookies.items())
    host = urlsplit(brocante.up["http"]).hostname or ""
    return StorageState(
        cookies=[
            {
                "name": name,
                "value": value or "",
                "domain": host,
                "path": "/",
                "expires": -1,
                "httpOnly": True,
                "secure": False,
                "sameSite": "Lax",
            }
            for name, value in kept.items()
        ]
    )


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now: rule, impact and the elements.

    Of a page with an open dialog it is the dialog: what is behind cannot be reached.
    """
    if not page.evaluate("() => 'axe' in window"):
        # By the debugger's own channel: the page's policy lets no other script in.
        page.evaluate(AXE.read_text())
    found = page.evaluate(
        "(tags) => axe.run(document.querySelector('dialog[open]') || document,"
        " {runOnly: {type: 'tag', values: tags}})",
        RULES,
    )
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {[node['html'] for node in one['nodes']]}"
        for one in found["violations"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page, or an open dialog on it, is wider than there is room for."""
    return int(
        page.evaluate(
            "Math.max(document.documentElement.scrollWidth - innerWidth,"
            " ...[...document.querySelectorAll('dialog[open]')]"
            ".map((one) => one.scrollWidth - one.clientWidth))"
        )
    )
