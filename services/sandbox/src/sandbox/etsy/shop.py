"""Shops, their ids, shipping profiles and policies."""

from typing import Any

from sandbox.market.accounts import Seller

SHIPPING_PROFILE = 30_000_000_001
RETURN_POLICY = 40_000_000_001
CREATED = 1_600_000_000


def shop_ids(seller: Seller) -> dict[str, int]:
    """The shop's and its owner's ids."""
    return {"shop_id": 12_000_000 + seller.number, "user_id": 22_000_000 + seller.number}


def shop(seller: Seller, currency: str) -> dict[str, Any]:
    """Shop."""
    return {
        **shop_ids(seller),
        "shop_name": f"Sandbox{seller.number}",
        "create_date": CREATED,
        "created_timestamp": CREATED,
        "title": "Sandbox antiques",
        "currency_code": currency,
        "is_vacation": False,
        "update_date": CREATED,
        "updated_timestamp": CREATED,
        "login_name": f"sandbox{seller.number}",
        "url": f"https://www.etsy.com/shop/Sandbox{seller.number}",
        "languages": ["en"],
    }


def shipping_profile(seller: Seller) -> dict[str, Any]:
    """ShopShippingProfile."""
    return {
        "shipping_profile_id": SHIPPING_PROFILE,
        "title": "Worldwide",
        "user_id": shop_ids(seller)["user_id"],
        "min_processing_days": 1,
        "max_processing_days": 3,
        "processing_days_display_label": "1-3 days",
        "origin_country_iso": "US",
        "is_deleted": False,
        "shipping_profile_destinations": [],
        "shipping_profile_upgrades": [],
        "origin_postal_code": "00000",
        "profile_type": "manual",
        "domestic_handling_fee": 0,
        "international_handling_fee": 0,
    }
