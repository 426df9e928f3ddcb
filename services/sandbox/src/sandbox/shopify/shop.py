"""The shop, its location, its sales channel."""

from sandbox.market.accounts import Seller
from sandbox.shopify.graphql import Object
from sandbox.shopify.ids import gid

LOCATION_BASE = 9_200_000_000_000_000
PUBLICATION_BASE = 9_300_000_000_000_000
SHOP_BASE = 9_400_000_000_000_000
CREATED = "2024-01-01T00:00:00Z"
SCOPES = (
    "read_products",
    "write_products",
    "read_orders",
    "write_orders",
    "read_inventory",
    "write_inventory",
    "read_publications",
    "write_publications",
    "read_locations",
)


def domain(seller: Seller) -> str:
    """The shop's permanent domain."""
    return f"sandbox-{seller.account}.myshopify.com"


def location_id(seller: Seller) -> str:
    """The global id of the one location."""
    return gid("Location", LOCATION_BASE + seller.number)


def publication_id(seller: Seller) -> str:
    """The global id of the Online Store publication."""
    return gid("Publication", PUBLICATION_BASE + seller.number)


def location(seller: Seller) -> Object:
    """Location."""
    return {
        "__typename": "Location",
        "id": location_id(seller),
        "legacyResourceId": str(LOCATION_BASE + seller.number),
        "name": "Shop",
        "isActive": True,
        "isPrimary": True,
        "fulfillsOnlineOrders": True,
        "shipsInventory": True,
        "hasActiveInventory": True,
        "isFulfillmentService": False,
        "createdAt": CREATED,
        "updatedAt": CREATED,
    }


def publication(seller: Seller) -> Object:
    """Publication."""
    return {
        "__typename": "Publication",
        "id": publication_id(seller),
        "name": "Online Store",
        "autoPublish": False,
        "supportsFuturePublishing": True,
    }


def shop(seller: Seller, currency: str) -> Object:
    """Shop."""
    return {
        "__typename": "Shop",
        "id": gid("Shop", SHOP_BASE + seller.number),
        "name": f"Sandbox {seller.account}",
        "myshopifyDomain": domain(seller),
        "currencyCode": currency,
        "email": "shop@example.com",
        "contactEmail": "shop@example.com",
        "createdAt": CREATED,
        "updatedAt": CREATED,
        "ianaTimezone": "Etc/UTC",
        "publicationCount": 1,
        "url": f"https://{domain(seller)}",
        "weightUnit": "KILOGRAMS",
        "taxesIncluded": False,
    }


def installation(seller: Seller) -> Object:
    """AppInstallation: what the token may do."""
    scopes = [
        {"__typename": "AccessScope", "handle": scope, "description": scope.replace("_", " ")}
        for scope in SCOPES
    ]
    return {
        "__typename": "AppInstallation",
        "id": gid("AppInstallation", SHOP_BASE + seller.number),
        "accessScopes": scopes,
    }
