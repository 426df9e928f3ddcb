"""One stage with small documents and small outputs: the runtime and nearly nothing else."""

from collections.abc import Sequence

from brocante.contracts.topics import SALES_COMMANDS, SALES_EVENTS
from tests.bench.loads.load import Load, Sent
from tests.support.toy import TABLE, record_sale

PER_DOCUMENT = 4


def messages(count: int) -> Sequence[Sent]:
    """Each document is addressed four times, far apart."""
    documents = max(1, count // PER_DOCUMENT)
    return [Sent(f"m{n}", SALES_COMMANDS, record_sale(f"s{n % documents}")) for n in range(count)]


SMALL = Load(
    "small",
    "toy service: a count per document, 4 messages each, one small output per message",
    TABLE,
    (SALES_EVENTS,),
    messages,
    PER_DOCUMENT,
)
