"""The pieces, prices and moments that the samples are about."""

from brocante.contracts.values import JsonObject

CHAIR = "chair-1790"
CHAIR_SKU = "91.10"
CHAIR_TITLE = "Louis XVI fauteuil in carved beech, Paris, circa 1790"
CHAIR_TEXT = (
    "Open armchair with medallion back and fluted, tapering legs. Original grey paint, worn at the "
    "armrests; seat re-webbed in the 1980s."
)
PRICE: JsonObject = {"amount": "1250.00", "currency": "EUR"}
CONTENT: JsonObject = {
    "sku": CHAIR_SKU,
    "title": CHAIR_TITLE,
    "description": CHAIR_TEXT,
    "price": PRICE,
    "category": "chairs",
    "condition": "good",
    "images": [
        "https://images.example.com/chair-1790/front.jpg",
        "https://images.example.com/chair-1790/back.jpg",
    ],
    "attributes": {
        "period": "1780-1789",
        "materials": ["Beech", "Linen"],
        "country": "France",
        "height_cm": 88,
    },
}
DETAILS: JsonObject = {
    "title": "Louis XVI Armchair, France, c. 1790",
    "price": {"amount": "1390.00", "currency": "EUR"},
}

LAMP = "lamp-0042"
EBAY_SALE = "ebay:10000000000001"
HAND_SALE = "hand-2026-11-24-01"
EBAY_ORDER = "12-34567-89012"
EBAY_LISTING = "110588123456"
EBAY_URL = "https://www.ebay.example/itm/110588123456"
ETSY_LISTING = "1482207713"
COMMAND = "5f0c2a7e-3f19-4f0b-9a35-1d6f0e1b2c3d"
TASK = "task-1stdibs-chair-1790-7"
WEBHOOK = "wh-0197a3c2"

SOLD_AT = "2026-11-24T08:15:30Z"
RECORDED_AT = "2026-11-24T08:15:34Z"
OBSERVED_AT = "2026-11-24T08:15:36Z"
NEXT_ATTEMPT_AT = "2026-11-24T08:17:00Z"
CANCELED_AT = "2026-11-25T10:02:11Z"
HOLD_UNTIL = "2026-12-01T18:00:00Z"
