"""A picture given to an item over HTTP: kept small, shown, taken away, refused when it is none."""

from io import BytesIO

import httpx2
import pytest
from PIL import Image

from tests.support.gateway_calls import create

pytestmark = pytest.mark.timeout(180)
JPEG = {"Content-Type": "image/jpeg"}


def picture() -> bytes:
    written = BytesIO()
    Image.new("RGB", (800, 400), "teal").save(written, "JPEG")
    return written.getvalue()


def test_a_picture_is_kept_small_shown_and_taken_away(http: httpx2.Client) -> None:
    path = f"/api/v1/items/{create(http)}/picture"
    assert http.get(path).status_code == 404
    assert http.put(path, content=picture(), headers=JPEG).status_code == 204
    shown = http.get(path)
    assert shown.headers["content-type"] == "image/webp"
    assert Image.open(BytesIO(shown.content)).size == (256, 128)
    assert http.delete(path).status_code == 204
    assert http.get(path).status_code == 404


def test_what_is_no_picture_is_refused_with_its_reason(http: httpx2.Client) -> None:
    path = f"/api/v1/items/{create(http)}/picture"
    other = http.put(path, content=b"<svg/>", headers={"Content-Type": "image/svg+xml"})
    assert other.status_code == 415
    broken = http.put(path, content=b"no picture", headers=JPEG)
    assert (broken.status_code, broken.json()["errors"][0]["field"]) == (422, "/picture")
    unknown = http.put("/api/v1/items/nothing-here/picture", content=picture(), headers=JPEG)
    assert unknown.status_code == 404
