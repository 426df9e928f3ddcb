"""Lists of items: words, filters, pages."""

import httpx2
import pytest

from tests.support.gateway_calls import WAIT, activate, create, fresh

pytestmark = pytest.mark.timeout(180)


def test_items_are_found_by_words_and_narrowed(http: httpx2.Client) -> None:
    mark = fresh("zz").replace("-", "")
    first = create(http, title=f"Fauteuil à la reine {mark}", attributes={"maker": "Jacob"})
    second = create(http, title=f"Side-table {mark}")
    assert activate(http, second, "ebay").status_code == 200

    def found(**query: str) -> list[str]:
        page = http.get("/api/v1/items", params={"query": mark, **query}).json()
        return [item["item_id"] for item in page["items"]]

    assert sorted(found()) == sorted([first, second])
    assert found(query=f"{mark} JACOB") == [first]
    assert found(query=f"{mark} a reine") == [first]
    assert found(query=f"{mark} table") == [second]
    assert found(marketplace="ebay", state="active") == [second]
    assert found(status="sold") == []


def test_pages_hold_each_item_once_while_items_are_added(http: httpx2.Client) -> None:
    mark = fresh("pp").replace("-", "")
    made = {create(http, title=mark) for _ in range(5)}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"query": mark, "limit": "2", **({"cursor": cursor} if cursor else {})}
        page = http.get("/api/v1/items", params=query).json()
        seen += [item["item_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        create(http, title=mark)
    assert made <= set(seen)
    assert len(seen) == len(set(seen))


def test_a_deleted_item_is_hidden_but_its_history_can_be_read(http: httpx2.Client) -> None:
    mark = fresh("dd").replace("-", "")
    item_id = create(http, title=mark)
    assert http.delete(f"/api/v1/items/{item_id}", headers=WAIT).status_code == 200
    assert http.get("/api/v1/items", params={"query": mark}).json()["items"] == []
    by_status = {"query": mark, "status": "deleted"}
    assert len(http.get("/api/v1/items", params=by_status).json()["items"]) == 1
    history = http.get(f"/api/v1/items/{item_id}/history").json()["items"]
    assert "item.changed" in {entry["type"] for entry in history}
