"""What we draw ourselves: a shape for each marketplace, an outline for each kind of piece."""

SHAPES = ("round", "square", "leaf", "shield")
KNOWN_SHAPES = {"ebay": "square", "etsy": "round", "shopify": "shield", "1stdibs": "leaf"}
TAG = "M8 8h12l14 14-12 12L8 20zM14 14h.1"
OUTLINES = (
    ("chair", "M13 6v18h14V6M13 24v10M27 24v10M13 14h14M13 19h14"),
    ("seat", "M13 6v18h14V6M13 24v10M27 24v10M13 14h14M13 19h14"),
    ("sofa", "M6 18v12h28V18M10 18v-6h20v6M10 24h20M9 30v4M31 30v4"),
    ("table", "M5 13h30M9 13v20M31 13v20M9 19h22"),
    ("tableware", "M12 8c0 8 1 12 8 12s8-4 8-12zM20 20v10M13 33h14M9 10h3M28 10h3"),
    ("cabinet", "M9 6h22v26H9zM20 6v26M17 18h.1M23 18h.1M11 32v3M29 32v3"),
    ("storage", "M9 6h22v26H9zM9 15h22M9 24h22M20 11h.1M20 20h.1M20 28h.1"),
    ("light", "M14 7h12l5 12H9zM20 19v12M13 34h14M17 31h6"),
    ("lamp", "M14 7h12l5 12H9zM20 19v12M13 34h14M17 31h6"),
    ("watch", "M20 12a8 8 0 1 0 .1 0M20 15v5h4M16 12l1-6h6l1 6M16 28l1 6h6l1-6"),
    ("clock", "M20 6a14 14 0 1 0 .1 0M20 11v9h7"),
    ("jewel", "M20 14a10 10 0 1 0 .1 0M15 6h10l3 4-8 5-8-5z"),
    ("mirror", "M20 5c7 0 11 6 11 13s-4 13-11 13S9 25 9 18 13 5 20 5zM20 31v4M14 35h12M15 20l8-8"),
    ("vase", "M15 5h10M16 5c0 6-7 8-7 17 0 7 4 13 11 13s11-6 11-13c0-9-7-11-7-17"),
    ("linen", "M7 9h26v22H7zM7 14h26M7 26h26M12 9v22M28 9v22"),
    ("rug", "M7 9h26v22H7zM12 14h16v12H12zM7 35v-4M15 35v-4M25 35v-4M33 35v-4"),
    ("art", "M6 7h28v26H6zM11 12h18v16H11zM13 26l6-8 4 5 2-2 3 5"),
    ("book", "M20 10c-4-3-9-3-13-2v22c4-1 9-1 13 2 4-3 9-3 13-2V8c-4-1-9-1-13 2zM20 10v22"),
    ("decor", "M15 5h10M16 5c0 6-7 8-7 17 0 7 4 13 11 13s11-6 11-13c0-9-7-11-7-17"),
)


def shape(slug: str) -> str:
    """The shape that a marketplace's letters stand in."""
    return KNOWN_SHAPES.get(slug) or SHAPES[sum(slug.encode()) % len(SHAPES)]


def outline(category: str | None) -> str:
    """The path of a drawing for a category: its last part that we know, else a price tag."""
    for part in reversed((category or "").lower().split(">")):
        best = max(
            (one for one in OUTLINES if one[0] in part), key=lambda one: len(one[0]), default=None
        )
        if best is not None:
            return best[1]
    return TAG
