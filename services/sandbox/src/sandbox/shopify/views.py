"""Products, variants and stock as GraphQL objects."""

from sandbox.market.accounts import Seller
from sandbox.market.clock import seconds
from sandbox.market.store import Record
from sandbox.shopify.graphql import Arguments, Object
from sandbox.shopify.ids import connection, count, digits, gid, numbered
from sandbox.shopify.pictures import pictures
from sandbox.shopify.shop import domain, location, location_id, publication, publication_id

SAME_FOR_PRODUCTS: Object = {
    "templateSuffix": None,
    "isGiftCard": False,
    "tracksInventory": True,
    "hasOnlyDefaultVariant": True,
    "totalVariants": 1,
    "seo": {"__typename": "SEO", "title": None, "description": None},
}


def product(record: Record, seller: Seller) -> Object:
    """Product."""
    published = record["published"]
    html = record["descriptionHtml"]
    online = f"https://{domain(seller)}/products/{record['handle']}"
    return {
        "__typename": "Product",
        **SAME_FOR_PRODUCTS,
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
        "totalInventory": record["quantity"],
        "hasOutOfStockVariants": record["quantity"] < 1,
        "variantsCount": count(1),
        **on_channels(record, seller),
        "variants": lambda arguments: connection(
            [(("1", "1"), record)], lambda entry: variant(entry, seller), arguments
        ),
        **pictures(record["files"]),
        **own_metafields(record),
        "options": lambda _: [option(record)],
        "priceRangeV2": price_range(record),
    }


def own_metafields(record: Record) -> Object:
    """A product's metafields."""
    return {
        "metafield": lambda arguments: one_metafield(record, arguments),
        "metafields": lambda arguments: connection(
            numbered(wanted_metafields(record, arguments)),
            lambda entry: metafield(entry, record),
            arguments,
        ),
    }


def on_channels(record: Record, seller: Seller) -> Object:
    """Where a product is published."""
    published = record["published"]
    return {
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
