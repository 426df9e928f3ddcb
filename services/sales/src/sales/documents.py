"""The documents of sales: one per sale."""

from msgspec import json

from brocante.messaging.deciding import DocumentType
from sales.domain.sale import Sale

SALES: DocumentType[Sale] = DocumentType("sales", json.Decoder(Sale))
