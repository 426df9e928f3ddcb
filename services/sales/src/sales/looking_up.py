"""What a merge must know beyond its own sale: of which item the sale is that it goes into."""

from collections.abc import Mapping, Sequence

from brocante.contracts.sales import SaleMerge, SaleRecord
from brocante.documents.store import DocumentStore
from brocante.messaging.wire import Received
from sales.documents import SALES

UNKNOWN = ""


async def look_up(
    stores: Mapping[str, DocumentStore], batch: Sequence[Received]
) -> Mapping[int, str]:
    """The item of each merge's other sale, by place in the batch; UNKNOWN where nobody recorded it.

    One that is recorded in the same batch counts, too: with other keys their order means nothing.
    """
    asked = {
        n: f"{received.dealer}/{received.message.into}"
        for n, received in enumerate(batch)
        if isinstance(received.message, SaleMerge)
    }
    if not asked:
        return {}
    items = {
        f"{received.dealer}/{received.message.sale_id}": received.message.item_id
        for received in batch
        if isinstance(received.message, SaleRecord)
    }
    for id_, document in (await stores[SALES.collection].load(asked.values())).items():
        sale = SALES.read(document)
        if sale is not None and sale.line is not None:
            items[id_] = sale.line.item_id
    return {n: items.get(id_, UNKNOWN) for n, id_ in asked.items()}
