"""The console's door: by link, by password, from a page of this gateway only."""

import uuid
from collections.abc import Iterator

import httpx2
import pytest

from tests.support.gateway_installation import GatewayInstallation

pytestmark = pytest.mark.timeout(180)
PASSWORD = "a chair by the window"
PAGES = ("/inventory", "/sold", "/account", "/inventory/activate?item=x", "/sold/cancel?sale=x")


@pytest.fixture
def visitor(brocante: GatewayInstallation) -> Iterator[httpx2.Client]:
    """A browser that nobody has signed in with; its forms come from our own pages."""
    own = {"Sec-Fetch-Site": "same-origin", "Origin": brocante.url}
    with httpx2.Client(base_url=brocante.url, headers=own, trust_env=False, timeout=40) as one:
        yield one


@pytest.fixture
def signed_in(brocante: GatewayInstallation, visitor: httpx2.Client) -> httpx2.Client:
    brocante.bootstrap()
    assert visitor.get(brocante.sign_in_path).headers["location"] == "/inventory"
    return visitor


@pytest.mark.parametrize("path", PAGES)
def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(
    visitor: httpx2.Client, path: str
) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 303
    asked = visitor.get(answer.headers["location"])
    assert "<h1>Sign in</h1>" in asked.text
    assert path.split("?", maxsplit=1)[0] in asked.text


def test_a_password_is_set_once_signed_in_and_opens_the_console(
    brocante: GatewayInstallation, signed_in: httpx2.Client
) -> None:
    short = {"password": "short", "again": "short"}
    refused = signed_in.post("/account/password", data=short)
    assert refused.status_code == 422
    assert "at least 12 characters" in refused.text
    both = {"password": PASSWORD, "again": PASSWORD}
    done = signed_in.post("/account/password", data=both)
    assert done.status_code == 303
    assert "The password is set." in signed_in.get("/account").text
    assert "The password is set." not in signed_in.get("/account").text
    signed_in.post("/sign-out")
    assert signed_in.get("/inventory").status_code == 303

    name = {"name": "owner", "password": PASSWORD, "next": "/sold?status=canceled"}
    assert signed_in.post("/sign-in", data={**name, "password": "wrong"}).status_code == 401
    opened = signed_in.post("/sign-in", data=name)
    assert opened.headers["location"] == "/sold?status=canceled"
    assert signed_in.get("/inventory").status_code == 200
    # Not fresh from a link: the current password must be shown.
    changed = signed_in.post("/account/password", data=both)
    assert changed.status_code == 422
    assert "current password is wrong" in changed.text
    assert brocante.url


def test_a_form_from_elsewhere_changes_nothing(
    brocante: GatewayInstallation, signed_in: httpx2.Client
) -> None:
    item_id = f"kept-{uuid.uuid4().hex[:6]}"
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.invalid"}
    for path in ("/inventory/delete", "/sold/cancel", "/undo", "/sign-in", "/sign-out"):
        sent = signed_in.post(path, data={"item": item_id, "sure": "yes"}, headers=foreign)
        assert sent.status_code == 403, path
        assert "text/html" in sent.headers["content-type"]
    without = {"Sec-Fetch-Site": "", "Origin": ""}
    assert signed_in.post("/undo", data={}, headers=without).status_code == 403
    assert signed_in.get("/inventory").status_code == 200
    assert brocante.url


def test_signing_in_leads_nowhere_else(visitor: httpx2.Client) -> None:
    page = visitor.get("/sign-in", params={"next": "https://evil.invalid/"})
    assert "evil.invalid" not in page.text
    assert 'value="/inventory"' in page.text


def test_what_is_not_there_is_said_on_a_page(signed_in: httpx2.Client) -> None:
    answer = signed_in.get("/inventory", params={"cursor": "no-such-item", "query": "<script>"})
    assert answer.status_code == 200
    assert "&lt;script&gt;" in answer.text
    assert "<script>" not in answer.text
    assert signed_in.get("/static/../pages.py").status_code == 404
    nothing = signed_in.get("/inventory/activate")
    assert nothing.headers["location"] == "/inventory"
    assert "Tick at least one item first." in signed_in.get("/inventory").text
