"""Product exports made up for tests, with the header of either generation."""

import csv
import io

from gateway.domain.shopify_csv import Draft, Finding, Result

OLDER = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published"),
    *("Option1 Name", "Option1 Value", "Variant SKU", "Variant Inventory Qty", "Variant Price"),
    *("Image Src", "Image Position", "Google Shopping / Condition", "Status"),
)
NEWER = {
    "Handle": "URL handle",
    "Body (HTML)": "Description",
    "Product Category": "Product category",
    "Published": "Published on online store",
    "Option1 Name": "Option1 name",
    "Option1 Value": "Option1 value",
    "Variant SKU": "SKU",
    "Variant Inventory Qty": "Inventory quantity",
    "Variant Price": "Price",
    "Image Src": "Product image URL",
    "Image Position": "Image position",
}
CHAIR = {
    "Handle": "chair",
    "Title": "Walnut chair",
    "Body (HTML)": "<p>About 1790.</p>",
    "Vendor": "Thomas Smith",
    "Product Category": "Furniture > Chairs",
    "Type": "Seating",
    "Tags": "walnut, English",
    "Variant SKU": "91.10",
    "Variant Inventory Qty": "1",
    "Variant Price": "950.00",
    "Image Src": "https://images.invalid/chair.jpg",
    "Google Shopping / Condition": "used",
    "Status": "active",
}


def export(*rows: dict[str, str], names: dict[str, str] | None = None) -> bytes:
    """A file with these rows over the header, as a spreadsheet would write it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([(names or {}).get(name, name) for name in OLDER])
    writer.writerows([[row.get(name, "") for name in OLDER] for row in rows])
    return out.getvalue().encode()


def chair(**changes: str) -> dict[str, str]:
    """A row that is good, with these cells changed."""
    renamed = {"sku": "Variant SKU", "price": "Variant Price", "quantity": "Variant Inventory Qty"}
    others = {"body": "Body (HTML)", "image": "Image Src", "category": "Product Category"}
    names = {**renamed, **others}
    return {**CHAIR, **{names.get(n, n.capitalize()): text for n, text in changes.items()}}


def only(result: Result) -> Draft:
    """The one item that went in."""
    (draft,) = result.drafts
    return draft


def the_finding(result: Result) -> Finding:
    """The one thing found."""
    (finding,) = result.findings
    return finding
