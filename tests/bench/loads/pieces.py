"""Real catalogue pieces, listed on three marketplaces, as inventory's documents hold them."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from bson import encode
from bson.raw_bson import RawBSONDocument

from brocante.contracts import sources
from brocante.contracts.envelope import Envelope
from brocante.contracts.inventory import ItemActivate, ItemCreate
from brocante.contracts.listings import ListingActivated
from brocante.contracts.message import Message
from brocante.contracts.topics import INVENTORY_COMMANDS
from brocante.documents.document import Document, to_bson
from brocante.messaging.folding import Fold, Routed
from brocante.messaging.journal import Known
from brocante.messaging.outputs import Speaker
from brocante.messaging.wire import Position, RawRecord, Received
from gateway.domain.shopify_csv import Draft, read
from inventory.handlers import TABLE
from tests.bench.loads.load import PREPARED_AT

MARKETPLACES = ("ebay", "etsy", "shopify")
PATTERNS = 40
PREFIX = "piece-"
PLACEHOLDER = f"{PREFIX}placeholder"
BEFORE_THE_FIRST = -1
"""An offset behind every committed position: what was applied there is long done."""


def pieces(count: int, first: int = 0) -> Iterator[Document]:
    """Documents `main/piece-<n>`: real content, on sale everywhere, as left by the runtime."""
    patterns = patterns_on_sale()
    for n in range(first, first + count):
        pattern = patterns[n % len(patterns)]
        name = f"piece-{n}"
        state = (pattern.state or "").replace(PLACEHOLDER, name)
        indexed = {field: _renamed(value, name) for field, value in pattern.indexed.items()}
        yield pattern._replace(id=f"main/{name}", state=state, value=None, indexed=indexed)


def stored_pieces(count: int, write_id: bytes) -> Iterator[RawBSONDocument]:
    """The same, in the form in which they are stored, a million of them in seconds.

    Each pattern is encoded once. Names are as long as the placeholder, so that one can stand where
    the other stood, and a document is as large in a small stock as in a large one.
    """
    patterns = [encode(to_bson(one, write_id)) for one in patterns_on_sale()]
    for n in range(count):
        stored = patterns[n % len(patterns)].replace(PLACEHOLDER.encode(), stored_name(n).encode())
        yield RawBSONDocument(stored)


def stored_name(n: int) -> str:
    """What the n-th stored piece is called."""
    return f"{PREFIX}{n:0{len(PLACEHOLDER) - len(PREFIX)}}"


def _renamed(value: object, name: str) -> object:
    if isinstance(value, list):
        return [str(one).replace(PLACEHOLDER, name) for one in value]
    return value


@cache
def patterns_on_sale() -> tuple[Document, ...]:
    """A few catalogue items after creation, activation and three outcomes."""
    return tuple(_on_sale(create) for create in catalogue())


@cache
def catalogue() -> tuple[ItemCreate, ...]:
    """Items of the catalogue that comes with the demonstration."""
    content = (files("brocante_local.data") / "catalogue.csv").read_bytes()
    return tuple(_create(draft) for draft in read(content, "USD").drafts[:PATTERNS])


def _create(draft: Draft) -> ItemCreate:
    return ItemCreate.model_validate(
        {
            "item_id": PLACEHOLDER,
            "sku": draft.sku,
            "title": draft.title,
            "description": draft.description,
            "price": {"amount": draft.amount, "currency": "USD"},
            "category": draft.category,
            "condition": draft.condition,
            "images": list(draft.images),
            "attributes": dict(draft.attributes),
            "listings": {marketplace: {} for marketplace in MARKETPLACES},
        }
    )


def _on_sale(create: ItemCreate) -> Document:
    document = Document(f"main/{PLACEHOLDER}")
    document = _applied(document, create, "app")
    document = _applied(document, ItemActivate(item_id=PLACEHOLDER, marketplaces=["*"]), "app")
    for marketplace in MARKETPLACES:
        outcome = ListingActivated(
            item_id=PLACEHOLDER,
            marketplace=marketplace,
            # The first activation of a listing is its first intent.
            intent=1,
            external_id=f"{marketplace}-{PLACEHOLDER}",
            url=f"https://{marketplace}.invalid/{PLACEHOLDER}",
            observed="active",
            observed_at=PREPARED_AT,
            source="call",
            verified=True,
        )
        document = _applied(document, outcome, sources.worker(marketplace))
    return document


def _applied(document: Document, message: Message, source: str) -> Document:
    envelope = Envelope(
        id=f"{document.version}-{message.TYPE}",
        source=source,
        type=message.TYPE,
        time=PREPARED_AT,
        subject=message.subject,
    )
    position = Position(1, INVENTORY_COMMANDS, 0, BEFORE_THE_FIRST)
    received = Received(envelope, message, RawRecord(position, None, b"", (), 0))
    route = TABLE.route(type(message))
    assert route is not None
    fold = Fold(document, Speaker.of(TABLE, ""), PREPARED_AT, Known(1))
    fold.apply(Routed.of(received, route))
    applied = fold.result().document
    assert applied is not None
    return applied
