"""Etsy's representations: listings, inventory, properties, images, receipts."""

from decimal import Decimal
from typing import Any

from sandbox.market.clock import epoch
from sandbox.market.store import Record

DIVISOR = 100
LISTING_LIFE_S = 4 * 30 * 86_400
EXAMPLE_IMAGE = "https://i.etsystatic.com/sandbox/{size}.{id}.jpg"
SAME_FOR_LISTINGS: dict[str, Any] = {
    "num_favorers": 0,
    "personalization_is_required": False,
    "personalization_char_count_max": None,
    "personalization_instructions": None,
    "listing_type": "physical",
    "item_weight": None,
    "item_weight_unit": None,
    "item_length": None,
    "item_width": None,
    "item_height": None,
    "item_dimensions_unit": None,
    "is_private": False,
    "file_data": "",
    "has_variations": False,
    "language": "en",
}
SAME_FOR_RECEIPTS: dict[str, Any] = {
    "receipt_type": 0,
    "seller_email": "seller@example.com",
    "buyer_user_id": 99_000_001,
    "buyer_email": "buyer@example.com",
    "name": "Sandbox Buyer",
    "first_line": "1 Example Street",
    "second_line": None,
    "city": "Sampletown",
    "state": "CA",
    "zip": "00000",
    "formatted_address": "Sandbox Buyer\n1 Example Street\nSampletown, CA 00000",
    "country_iso": "US",
    "payment_method": "cc",
    "payment_email": "buyer@example.com",
    "message_from_seller": None,
    "message_from_buyer": None,
    "message_from_payment": None,
    "is_paid": True,
    "is_shipped": False,
    "is_gift": False,
    "gift_message": "",
    "shipments": [],
}


def money(amount: str, currency: str, times: int = 1) -> dict[str, Any]:
    """An exact amount as Etsy writes it: whole hundredths."""
    cents = int(Decimal(amount) * DIVISOR) * times
    return {"amount": cents, "divisor": DIVISOR, "currency_code": currency}


def listing(record: Record, shop: dict[str, int], currency: str) -> dict[str, Any]:
    """ShopListing."""
    created, changed = epoch(record["at"]), epoch(record["modified_at"])
    return {
        "listing_id": record["listing_id"],
        **shop,
        **SAME_FOR_LISTINGS,
        "title": record["title"],
        "description": record["description"],
        "state": record["state"],
        "creation_timestamp": created,
        "created_timestamp": created,
        "ending_timestamp": epoch(record["state_at"]) + LISTING_LIFE_S,
        "original_creation_timestamp": created,
        "last_modified_timestamp": changed,
        "updated_timestamp": changed,
        "state_timestamp": epoch(record["state_at"]),
        "quantity": record["quantity"],
        "shop_section_id": record.get("shop_section_id"),
        "featured_rank": record.get("featured_rank") or -1,
        "url": f"https://www.etsy.com/listing/{record['listing_id']}",
        "non_taxable": not record.get("is_taxable", True),
        "is_taxable": record.get("is_taxable", True),
        "is_customizable": record.get("is_customizable", False),
        "is_personalizable": record.get("is_personalizable", False),
        "tags": record.get("tags", []),
        "materials": record.get("materials", []),
        "shipping_profile_id": record.get("shipping_profile_id"),
        "return_policy_id": record.get("return_policy_id"),
        "processing_min": record.get("processing_min"),
        "processing_max": record.get("processing_max"),
        "who_made": record.get("who_made"),
        "when_made": record.get("when_made"),
        "is_supply": record.get("is_supply", False),
        "style": record.get("styles", []),
        "should_auto_renew": record.get("should_auto_renew", False),
        "price": money(record["price"], currency),
        "taxonomy_id": record.get("taxonomy_id"),
    }


def inventory(record: Record, currency: str) -> dict[str, Any]:
    """ListingInventory: one product with one offering."""
    offering = {
        "offering_id": record["listing_id"] + 20_000_000_000,
        "quantity": record["quantity"],
        "is_enabled": True,
        "is_deleted": False,
        "price": money(record["price"], currency),
    }
    product = {
        "product_id": record["listing_id"] + 10_000_000_000,
        "sku": record["sku"],
        "is_deleted": False,
        "offerings": [offering],
        "property_values": [],
    }
    return {
        "products": [product],
        "price_on_property": [],
        "quantity_on_property": [],
        "sku_on_property": [],
    }


def image(listing_id: int, image_id: int, rank: int, created: int) -> dict[str, Any]:
    """ListingImage; nothing is stored of the picture itself."""
    urls = {
        f"url_{size}": EXAMPLE_IMAGE.format(size=size, id=image_id)
        for size in ("75x75", "170x135", "570xN", "fullxfull")
    }
    return {
        "listing_id": listing_id,
        "listing_image_id": image_id,
        "hex_code": None,
        "is_black_and_white": None,
        "creation_tsz": created,
        "created_timestamp": created,
        "rank": rank,
        "alt_text": None,
        **urls,
    }


def receipt(order: Record, seller_user: int) -> dict[str, Any]:
    """ShopReceipt. `status` begins with a capital, as the live API has it (open-api #469)."""
    canceled = order["canceled_at"] is not None
    currency = order["currency"]
    total = money(order["price"], currency, order["quantity"])
    nothing = money("0", currency)
    created, changed = epoch(order["at"]), epoch(order["modified_at"])
    refund = {
        "amount": total,
        "created_timestamp": changed,
        "reason": order["reason"],
        "note_from_issuer": None,
        "status": "Success",
    }
    return {
        **SAME_FOR_RECEIPTS,
        "receipt_id": int(order["order_id"]),
        "seller_user_id": seller_user,
        "status": "Canceled" if canceled else "Paid",
        "create_timestamp": created,
        "created_timestamp": created,
        "update_timestamp": changed,
        "updated_timestamp": changed,
        "grandtotal": total,
        "subtotal": total,
        "total_price": total,
        "total_shipping_cost": nothing,
        "total_tax_cost": nothing,
        "total_vat_cost": nothing,
        "discount_amt": nothing,
        "gift_wrap_price": nothing,
        "transactions": [transaction(order, seller_user)],
        "refunds": [refund] if canceled else [],
    }


def transaction(order: Record, seller_user: int) -> dict[str, Any]:
    """ShopReceiptTransaction; `price` is of one piece."""
    created = epoch(order["at"])
    return {
        "transaction_id": int(order["line_id"]),
        "title": order["title"],
        "description": None,
        "seller_user_id": seller_user,
        "buyer_user_id": 99_000_001,
        "create_timestamp": created,
        "created_timestamp": created,
        "paid_timestamp": created,
        "shipped_timestamp": None,
        "quantity": order["quantity"],
        "listing_image_id": None,
        "receipt_id": int(order["order_id"]),
        "is_digital": False,
        "file_data": "",
        "listing_id": int(order["external_id"]),
        "transaction_type": "listing",
        "product_id": int(order["external_id"]) + 10_000_000_000,
        "sku": order["sku"],
        "price": money(order["price"], order["currency"]),
        "shipping_cost": money("0", order["currency"]),
        "variations": [],
        "product_data": [],
        "shipping_profile_id": None,
        "min_processing_days": 1,
        "max_processing_days": 3,
        "shipping_method": None,
        "shipping_upgrade": None,
        "expected_ship_date": created + 3 * 86_400,
        "buyer_coupon": 0,
        "shop_coupon": 0,
    }
