"""Small pictures: encoded anew from anything that is one; fetched only from where it is allowed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Event, Thread

import pytest
from PIL import Image

from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.samples.inventory import SAMPLES
from brocante.contracts.snapshot import ItemChanged
from brocante.testing.memory_database import MemoryDatabase
from gateway.pictures.encoding import EDGE, NotAPicture, thumbnail
from gateway.pictures.fetching import Limits, fetched
from gateway.pictures.following import Following
from gateway.records.pictures import UPLOADED, Pictures
from tests.bench.loads.load import PREPARED_AT

ORIENTATION = 0x0112
HERE = Limits(100_000, 5.0, private=True)


def picture(kind: str = "JPEG", size: tuple[int, int] = (600, 300), turned: int = 1) -> bytes:
    """A red picture; `turned` as a camera notes it."""
    image = Image.new("RGB", size, "red")
    exif = image.getexif()
    exif[ORIENTATION] = turned
    written = BytesIO()
    image.save(written, kind, exif=exif)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_small_webp_without_its_notes(kind: str) -> None:
    small = Image.open(BytesIO(thumbnail(picture(kind))))
    assert (small.format, small.size) == ("WEBP", (EDGE, EDGE // 2))
    assert not small.getexif()


def test_a_picture_taken_sideways_is_shown_upright() -> None:
    assert Image.open(BytesIO(thumbnail(picture(turned=6)))).size == (EDGE // 2, EDGE)


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg/>", b"GIF89a", picture()[:200], picture("BMP"), picture("GIF")],
    ids=["nothing", "drawing", "stub", "cut off", "bitmap", "other kind"],
)
def test_what_is_no_picture_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(NotAPicture):
        thumbnail(content)


def test_a_picture_of_too_many_pixels_is_not_decoded() -> None:
    with pytest.raises(NotAPicture):
        thumbnail(picture("PNG", (10_000, 4_001)))


class Web:
    """A web server on this machine that answers as told; `asked` are the paths asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gone = Event()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append(self.path)
                if self.path == "/never.jpg":
                    web.gone.wait(10)
                self.send_response(302 if self.path == "/moved.jpg" else 200)
                self.send_header("Location", "/chair.jpg")
                kind = "text/html" if self.path == "/page" else "image/jpeg"
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(picture() if self.path != "/large.jpg" else bytes(200_000))

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def serving() -> Iterator[Web]:
    web = Web()
    Thread(target=web.server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield web
    finally:
        web.gone.set()
        web.server.shutdown()
        web.server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    with serving() as one:
        yield one


async def test_a_picture_is_fetched_where_private_addresses_are_allowed(web: Web) -> None:
    assert await fetched(f"{web.url}/chair.jpg?w=1", HERE) == picture()
    assert web.asked == ["/chair.jpg?w=1"]


async def test_an_address_of_ones_own_network_is_not_even_connected_to(web: Web) -> None:
    careful = Limits(100_000, 5.0)
    port = web.server.server_port
    for host in ("127.0.0.1", "localhost", "[::1]", "192.168.1.1", "169.254.169.254", "10.0.0.1"):
        with pytest.raises(NotAPicture, match="public internet"):
            await fetched(f"http://{host}:{port}/chair.jpg", careful)
    assert web.asked == []


@pytest.mark.parametrize(
    "path", ["/large.jpg", "/page", "/moved.jpg"], ids=["too large", "no picture", "redirect"]
)
async def test_what_is_not_as_it_should_be_is_refused(web: Web, path: str) -> None:
    with pytest.raises(NotAPicture):
        await fetched(f"{web.url}{path}", HERE)
    assert web.asked == [path]


async def test_what_does_not_come_in_time_is_given_up(web: Web) -> None:
    with pytest.raises(NotAPicture, match="within"):
        await fetched(f"{web.url}/never.jpg", Limits(1000, 0.2, private=True))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/y", "http://a@b/c", "//x/y", "http://[::", "chair.jpg"]
)
async def test_only_addresses_of_the_web_are_fetched(url: str) -> None:
    with pytest.raises(NotAPicture):
        await fetched(url, HERE)


async def test_an_items_first_picture_is_followed_once_and_an_uploaded_one_stays(web: Web) -> None:
    pictures = Pictures(MemoryDatabase())
    following = Following(pictures, HERE)
    url = f"{web.url}/chair.jpg"
    sample = ItemChanged.model_validate(SAMPLES["item.changed"])
    changed = sample.model_copy(update={"item_id": "chair", "images": [url, f"{web.url}/2.jpg"]})
    at = Envelope("e1", "brocante/inventory", changed.TYPE, PREPARED_AT, changed.subject)
    following.note([Decoded(at, changed)])
    working = asyncio.create_task(following.run_forever())
    async with asyncio.timeout(10):
        while not await pictures.marks("main", ["chair"]):  # noqa: ASYNC110 - a thread encodes it
            await asyncio.sleep(0.01)
    working.cancel()
    await following.follow("main", "chair", url)
    assert web.asked == ["/chair.jpg"]
    await pictures.keep("main", "chair", b"given", UPLOADED)
    await following.follow("main", "chair", f"{web.url}/another.jpg")
    assert await pictures.get("main", "chair") == b"given"
    assert await pictures.get("other", "chair") is None


async def test_an_address_without_a_picture_is_not_asked_again(web: Web) -> None:
    pictures = Pictures(MemoryDatabase())
    following = Following(pictures, HERE)
    for _ in range(2):
        await following.follow("main", "chair", f"{web.url}/page")
    assert web.asked == ["/page"]
    assert await pictures.marks("main", ["chair"]) == {}
