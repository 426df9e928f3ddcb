"""The documents of sales: one per sale."""

from pydantic import TypeAdapter

from brocante.messaging.deciding import DocumentType
from sales.domain.sale import Sale

SALES: DocumentType[Sale] = DocumentType("sales", TypeAdapter(Sale))
