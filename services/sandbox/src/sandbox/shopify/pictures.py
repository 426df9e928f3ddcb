"""A product's pictures as GraphQL objects; nothing is stored of the pictures themselves."""

from sandbox.shopify.graphql import Object
from sandbox.shopify.ids import connection, count, gid, numbered

CDN = "https://cdn.shopify.com/s/files/sandbox"


def pictures(files: list[Object]) -> Object:
    """A product's pictures."""
    return {
        "mediaCount": count(len(files)),
        "media": lambda arguments: connection(numbered(files), media, arguments),
        "images": lambda arguments: connection(numbered(files), image, arguments),
        "featuredMedia": media(files[0]) if files else None,
        "featuredImage": image(files[0]) if files else None,
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
