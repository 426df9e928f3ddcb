"""Products, variants and stock as GraphQL objects."""

from typing import Any

from sandbox.market.accounts import Seller
from sandbox.market.clock import seconds
from sandbox.market.store import Record
from sandbox.shopify.graphql import Arguments, Object
from sandbox.shopify.ids import connection, digits, gid
from sandbox.shopify.shop import domain, location, location_id, publication, publication_id

CDN = "https://cdn.shopify.com/s/files/sandbox"


def product(record: Record, seller: Seller) -> Object:
    """Product."""
    published = record["published"]
    files = record["files"]
    html = record["descriptionHtml"]
    online = f"https://{domain(seller)}/products/{record['handle']}"
    return {
        "__typename": "Product",
        "id": gid("Product", record["id"]),
        "legacyResourceId": record["id"],
        "title": record["title"],
        "handle": record["handle"],
        "descriptionHtml": html,
        "bodyHtml": html,
        "description": lambda _: html,
        "descriptionPlainSummary": html,
        "vendor": record["vendor"],
        "productType": record["productType"],
        "tags": record["tags"],
        "status": record["status"],
        "category": category(record),
        "createdAt": seconds(record["at"]),
        "updatedAt": seconds(record["modified_at"]),
        "publishedAt": seconds(record["published_at"]) if published else None,
        "onlineStoreUrl": online if published and record["status"] == "ACTIVE" else None,
        "onlineStorePreviewUrl": online,
        "templateSuffix": None,
        "isGiftCard": False,
        "totalInventory": record["quantity"],
        "tracksInventory": True,
        "hasOnlyDefaultVariant": True,
        "hasOutOfStockVariants": record["quantity"] < 1,
        "totalVariants": 1,
        "variantsCount": count(1),
        "mediaCount": count(len(files)),
        "publishedOnCurrentPublication": published,
        "publishedOnCurrentChannel": published,
        "publishedOnPublication": lambda arguments: (
            published and arguments.get("publicationId") == publication_id(seller)
        ),
        "publicationCount": lambda _: int(published),
        "availablePublicationsCount": count(1),
        "resourcePublicationsCount": lambda _: count(int(published)),
        "resourcePublications": lambda arguments: publications(record, seller, arguments),
        "resourcePublicationsV2": lambda arguments: publications(record, seller, arguments),
        "variants": lambda arguments: connection(
            [(("1", "1"), record)], lambda entry: variant(entry, seller), arguments
        ),
        "media": lambda arguments: connection(numbered(files), media, arguments),
        "images": lambda arguments: connection(numbered(files), image, arguments),
        "featuredMedia": media(files[0]) if files else None,
        "featuredImage": image(files[0]) if files else None,
        "metafield": lambda arguments: one_metafield(record, arguments),
        "metafields": lambda arguments: connection(
            numbered(wanted_metafields(record, arguments)),
            lambda entry: metafield(entry, record),
            arguments,
        ),
        "options": lambda _: [option(record)],
        "priceRangeV2": price_range(record),
        "seo": {"__typename": "SEO", "title": None, "description": None},
    }


def variant(record: Record, seller: Seller) -> Object:
    """ProductVariant: there is one."""
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", record["variant_id"]),
        "legacyResourceId": record["variant_id"],
        "sku": record["sku"],
        "title": "Default Title",
        "displayName": f"{record['title']} - Default Title",
        "price": record["price"],
        "compareAtPrice": None,
        "barcode": None,
        "position": 1,
        "taxable": True,
        "availableForSale": record["quantity"] > 0,
        "sellableOnlineQuantity": record["quantity"],
        "inventoryQuantity": record["quantity"],
        "inventoryPolicy": "DENY",
        "requiresComponents": False,
        "createdAt": seconds(record["at"]),
        "updatedAt": seconds(record["modified_at"]),
        "selectedOptions": [
            {"__typename": "SelectedOption", "name": "Title", "value": "Default Title"}
        ],
        "product": lambda _: product(record, seller),
        "inventoryItem": lambda _: inventory_item(record, seller),
    }


def inventory_item(record: Record, seller: Seller) -> Object:
    """InventoryItem."""
    return {
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", record["inventory_item_id"]),
        "legacyResourceId": record["inventory_item_id"],
        "sku": record["sku"],
        "tracked": True,
        "requiresShipping": True,
        "duplicateSkuCount": 0,
        "createdAt": seconds(record["at"]),
        "updatedAt": seconds(record["modified_at"]),
        "variant": lambda _: variant(record, seller),
        "locationsCount": count(1),
        "inventoryLevel": lambda arguments: (
            inventory_level(record, seller)
            if arguments.get("locationId") == location_id(seller)
            else None
        ),
        "inventoryLevels": lambda arguments: connection(
            [(("1", "1"), record)], lambda entry: inventory_level(entry, seller), arguments
        ),
    }


def inventory_level(record: Record, seller: Seller) -> Object:
    """InventoryLevel at the one location."""
    item = record["inventory_item_id"]
    return {
        "__typename": "InventoryLevel",
        "id": f"{gid('InventoryLevel', digits(location_id(seller)))}?inventory_item_id={item}",
        "isActive": True,
        "createdAt": seconds(record["at"]),
        "updatedAt": seconds(record["modified_at"]),
        "location": location(seller),
        "item": lambda _: inventory_item(record, seller),
        "quantities": lambda arguments: [
            {
                "__typename": "InventoryQuantity",
                "id": gid("InventoryQuantity", f"{item}?name={name}"),
                "name": name,
                "quantity": record["quantity"] if name in ("available", "on_hand") else 0,
                "updatedAt": seconds(record["modified_at"]),
            }
            for name in arguments.get("names") or ()
        ],
    }


def metafield(entry: Object, record: Record) -> Object:
    """Metafield of a product."""
    return {
        "__typename": "Metafield",
        "id": gid("Metafield", entry["id"]),
        "legacyResourceId": entry["id"],
        "namespace": entry["namespace"],
        "key": entry["key"],
        "type": entry["type"],
        "value": entry["value"],
        "jsonValue": entry["value"],
        "ownerType": "PRODUCT",
        "compareDigest": entry["id"],
        "createdAt": seconds(record["at"]),
        "updatedAt": seconds(record["modified_at"]),
    }


def one_metafield(record: Record, arguments: Arguments) -> Object | None:
    """The metafield with a namespace and key."""
    key = f"{arguments.get('namespace') or 'custom'}.{arguments.get('key')}"
    entry = record["metafields"].get(key)
    return metafield(entry, record) if entry else None


def wanted_metafields(record: Record, arguments: Arguments) -> list[Object]:
    """The metafields in a namespace, or with one of the keys, or all."""
    namespace, keys = arguments.get("namespace"), arguments.get("keys")
    return [
        entry
        for name, entry in record["metafields"].items()
        if (namespace is None or entry["namespace"] == namespace) and (not keys or name in keys)
    ]


def publications(record: Record, seller: Seller, arguments: Arguments) -> Object:
    """Where the product is published."""
    entry = {
        "__typename": "ResourcePublicationV2",
        "isPublished": record["published"],
        "publishDate": seconds(record["published_at"]) if record["published"] else None,
        "publication": publication(seller),
    }
    shown = record["published"] or arguments.get("onlyPublished") is False
    return connection([(("1", "1"), entry)] if shown else [], lambda one: one, arguments)


def category(record: Record) -> Object | None:
    """TaxonomyCategory."""
    if not record["category"]:
        return None
    return {
        "__typename": "TaxonomyCategory",
        "id": record["category"],
        "name": digits(record["category"]),
        "fullName": digits(record["category"]),
        "isLeaf": True,
        "isRoot": False,
        "level": 1,
    }


def media(entry: Object) -> Object:
    """MediaImage."""
    return {
        "__typename": "MediaImage",
        "id": gid("MediaImage", entry["id"]),
        "alt": entry["alt"],
        "mediaContentType": "IMAGE",
        "status": "READY",
        "fileStatus": "READY",
        "image": image(entry),
    }


def image(entry: Object) -> Object:
    """Image."""
    url = entry["src"] or f"{CDN}/{entry['id']}.jpg"
    return {
        "__typename": "Image",
        "id": gid("ProductImage", entry["id"]),
        "altText": entry["alt"],
        "src": url,
        "originalSrc": url,
        "url": lambda _: url,
        "width": None,
        "height": None,
    }


def option(record: Record) -> Object:
    """The option every product without options has."""
    return {
        "__typename": "ProductOption",
        "id": gid("ProductOption", record["variant_id"]),
        "name": "Title",
        "position": 1,
        "values": ["Default Title"],
    }


def price_range(record: Record) -> Object:
    """ProductPriceRangeV2."""
    price = {
        "__typename": "MoneyV2",
        "amount": record["price"],
        "currencyCode": record["currency"],
    }
    return {
        "__typename": "ProductPriceRangeV2",
        "minVariantPrice": price,
        "maxVariantPrice": price,
    }


def count(number: int) -> Object:
    """Count."""
    return {"__typename": "Count", "count": number, "precision": "EXACT"}


def numbered(entries: list[Any]) -> list[tuple[tuple[str, str], Any]]:
    """Entries with sort keys that keep their order."""
    return [((f"{place:06d}", ""), entry) for place, entry in enumerate(entries)]
