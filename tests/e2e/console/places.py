"""Every place of the console that a person can come to, in one table.

From it are made what axe looks at, narrow and zoomed screens, and the pictures that people look at
(`test_places.py`). A page that is missing here fails that test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import FilePayload, Page, expect

Step = Callable[[Page], None]
SETTLED = 20_000
NO_CSV = FilePayload(name="items.csv", mimeType="text/csv", buffer=b"Handle\n")


@dataclass(frozen=True)
class Place:
    """How to come there: an address, then perhaps steps on the page.

    `route` is the page as the console declares it; in `path`, names in braces are the scene's.
    `heading`: what is read there first. `who`: a stranger is not signed in.
    """

    name: str
    route: str
    path: str
    heading: str
    step: Step | None = None
    who: Literal["dealer", "stranger"] = "dealer"


def tick(*skus: str) -> Step:
    """Tick the rows of these."""

    def ticked(page: Page) -> None:
        for sku in skus:
            page.get_by_role("row").filter(has_text=sku).get_by_role("checkbox").check()

    return ticked


def menu(page: Page) -> None:
    """Tick an item and open Edit status."""
    tick("a-desk")(page)
    page.get_by_role("button", name="Edit status").click()


def dialog(action: str, *skus: str) -> Step:
    """Tick items, and open the dialog of an action of Edit status."""

    def opened(page: Page) -> None:
        tick(*skus)(page)
        page.get_by_role("button", name="Edit status").click()
        page.get_by_role("menuitem", name=action, exact=True).click()

    return opened


def submitted(action: str, sku: str, said: str, ticking: str = "") -> Step:
    """Submit that dialog as it is, or with a marketplace ticked, and read what is said then."""

    def sent(page: Page) -> None:
        dialog(action, sku)(page)
        opened = page.get_by_role("dialog", name=action)
        if ticking:
            opened.get_by_role("checkbox", name=ticking).check()
        opened.get_by_role("button", name=action).click()
        expect(page.get_by_role("dialog")).to_contain_text(said)

    return sent


def marked_wrongly(page: Page) -> None:
    """Mark as sold, with a price that is none."""
    dialog("Mark as sold", "a-desk")(page)
    opened = page.get_by_role("dialog")
    opened.get_by_label("Place").fill("Showroom")
    opened.get_by_label("Price").fill("a lot")
    opened.get_by_role("button", name="Mark as sold").click()
    expect(opened.get_by_label("Price")).to_have_attribute("aria-invalid", "true")


def canceling(reason: str = "") -> Step:
    """Tick the sales there are, and ask to cancel them, perhaps for a reason."""

    def asked(page: Page) -> None:
        for box in page.get_by_role("table").get_by_role("checkbox").all():
            box.check()
        page.get_by_role("button", name="Cancel Sale").click()
        if reason:
            page.get_by_label("Reason").select_option(label=reason)
            expect(page.get_by_role("dialog")).to_contain_text("Nothing is put back on sale.")

    return asked


def hovered(page: Page) -> None:
    """A mark's tip."""
    page.get_by_role("link", name="Shopify: draft, 1 field missing").first.hover()


def pressed(name: str) -> Step:
    """Press a button."""
    return lambda page: page.get_by_role("button", name=name, exact=True).click()


def opened(text: str) -> Step:
    """Open what is folded away."""
    return lambda page: page.get_by_text(text).first.click()


def no_items(page: Page) -> None:
    """Import a file without the columns that are needed."""
    page.get_by_label("File").set_input_files(NO_CSV)
    pressed("Import")(page)


def signing_in(page: Page) -> None:
    """Sign in wrongly."""
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill("a guess")
    pressed("Sign in")(page)


def passwords_differ(page: Page) -> None:
    """Set a password, twice not the same."""
    page.get_by_label("New password", exact=True).fill("long enough to be one")
    page.get_by_label("New password again").fill("long enough, but another")
    pressed("Set password")(page)


def saved_wrongly(page: Page) -> None:
    """Save details with a price that is none."""
    page.get_by_role("textbox", name="Price", exact=False).first.fill("a lot")
    pressed("Save")(page)


INVENTORY, FEW = "/inventory", "/inventory?query=few"
EMPTY = (
    Place("Inventory, empty", INVENTORY, INVENTORY, "Inventory"),
    Place("Sold, empty", "/sold", "/sold", "Sold"),
    Place("Double sales, empty", "/double-sales", "/double-sales", "Double sales"),
    Place("Operations, empty", "/operations", "/operations", "Operations"),
)
"""Before anything is there."""
SIGNING_IN = (
    Place("Sign in", "/sign-in", "/sign-in", "Sign in", who="stranger"),
    Place("Sign in, refused", "/sign-in", "/sign-in", "Sign in", signing_in, "stranger"),
    Place("Sign-in link, used", "/sign-in/{code}", "/sign-in/used", "Sign in", who="stranger"),
    Place("Account", "/account", "/account", "Account"),
    Place("Account, refused", "/account", "/account", "Account", passwords_differ),
)
LISTS = (
    Place("Inventory", INVENTORY, INVENTORY, "Inventory"),
    Place("Inventory, menu", INVENTORY, FEW, "Inventory", menu),
    Place("Inventory, tip", INVENTORY, FEW, "Inventory", hovered),
    Place("Inventory, last page", INVENTORY, "/inventory?cursor=piece-290", "Inventory"),
    Place("Inventory, no match", INVENTORY, "/inventory?query=nothing", "Inventory"),
    Place("Inventory, working", INVENTORY, FEW + "&doing={waiting}", "Inventory"),
    Place("Inventory, refused", INVENTORY, FEW + "&doing={refused}", "Inventory"),
    Place("Sold", "/sold", "/sold", "Sold"),
    Place("Sold, all", "/sold", "/sold?status=", "Sold"),
    Place("Sold, none such", "/sold", "/sold?marketplace=shopify", "Sold"),
    Place("Double sales", "/double-sales", "/double-sales", "Double sales"),
)
CHOSEN = "?item=a-desk&back=/inventory"
EDIT_STATUS = (
    Place("Activate", INVENTORY, FEW, "Activate", dialog("Activate", "a-chair")),
    Place("Activate, many", INVENTORY, FEW, "Activate", dialog("Activate", "a-chair", "a-desk")),
    Place(
        "Activate, refused",
        INVENTORY,
        FEW,
        "Activate",
        submitted("Activate", "a-chair", "Not submitted for Shopify", ticking="Shopify"),
    ),
    Place("Hold", INVENTORY, FEW, "Hold", dialog("Hold", "a-desk")),
    Place(
        "Hold, refused", INVENTORY, FEW, "Hold", submitted("Hold", "a-desk", "Choose at least one")
    ),
    Place("Release", INVENTORY, FEW, "Release", dialog("Release", "a-desk", "a-chair")),
    Place("Release, none", INVENTORY, FEW, "Release", dialog("Release", "a-chair")),
    Place("Deactivate", INVENTORY, FEW, "Deactivate", dialog("Deactivate", "a-desk")),
    Place("Mark as sold", INVENTORY, FEW, "Mark as sold", dialog("Mark as sold", "a-desk")),
    Place("Mark as sold, refused", INVENTORY, FEW, "Mark as sold", marked_wrongly),
    Place("Delete", INVENTORY, FEW, "Delete", dialog("Delete", "a-desk")),
    Place(
        "Delete, again", INVENTORY, FEW, "Really delete?", submitted("Delete", "a-desk", "no undo")
    ),
)
WITHOUT_SCRIPT = tuple(
    Place(f"{name}, as a page", f"/inventory/{slug}", f"/inventory/{slug}{CHOSEN}", name)
    for name, slug in (
        ("Activate", "activate"),
        ("Hold", "hold"),
        ("Release", "release"),
        ("Deactivate", "deactivate"),
        ("Mark as sold", "mark-as-sold"),
        ("Delete", "delete"),
    )
)
MANY = "/inventory/many"
FORESEEN = f"{MANY}?by_query=piece&action=activate&marketplace=etsy"
CHANGING_MANY = (
    Place("Change many", MANY, f"{MANY}?by_query=piece", "Change many items"),
    Place("Change many, foreseen", MANY, FORESEEN, "Change many items"),
    Place(
        "Change many, results", f"{MANY}/{{bulk_id}}", f"{MANY}/{{bulk_id}}", "Change many items"
    ),
)
CANCELING = (
    Place("Cancel Sale", "/sold", "/sold?marketplace=ebay", "Cancel Sale", canceling()),
    Place("Cancel Sale, several", "/sold", "/sold", "Cancel Sale", canceling()),
    Place(
        "Cancel Sale, damaged",
        "/sold",
        "/sold?marketplace=ebay",
        "Cancel Sale",
        canceling("It is damaged"),
    ),
    Place("Cancel Sale, as a page", "/sold/cancel", "/sold/cancel?sale={sale}", "Cancel Sale"),
    Place("Cancel Sale, again", "/sold/cancel", "/sold/cancel?sale={canceled}", "Cancel Sale"),
)
ITEM, DETAILS = "/items/{item_id}", "/items/{item_id}/listings/{marketplace}"
ITEMS = (
    Place("Item, sold", ITEM, "/items/a-mirror", "Mirror"),
    Place("Item, on hold", ITEM, "/items/a-desk", "Desk"),
    Place("Item, changed there", ITEM, "/items/a-lamp", "Lamp"),
    Place("Item, refused", ITEM, "/items/a-clock", "Longcase clock"),
    Place("Item, sold twice", ITEM, "/items/a-ring", "Ring"),
    Place("Item, not listed", ITEM, "/items/piece-016", "Long Long", opened("Add a picture")),
    Place("Item, deleted", ITEM, "/items/a-wardrobe", "Wardrobe"),
    Place("Details", DETAILS, "/items/a-chair/listings/shopify", "Shopify details"),
    Place("Details, working", DETAILS, "/items/a-cabinet/listings/ebay", "eBay details"),
    Place(
        "Details, refused",
        DETAILS,
        "/items/a-chair/listings/shopify",
        "Shopify details",
        saved_wrongly,
    ),
    Place("Details, not listed", DETAILS, "/items/piece-001/listings/ebay", "eBay details"),
)
FAILURES = "/operations/failures/{group}"
DESKS = (
    Place("Import", "/import", "/import", "Import"),
    Place("Import, refused", "/import", "/import", "Import", no_items),
    Place("Import, finished", "/import/{import_id}", "/import/{import_id}", "Import"),
    Place("Operations", "/operations", "/operations", "Operations"),
    Place("Failures", FAILURES, FAILURES, "Not a cloud event"),
    Place(
        "Failures, corrected", FAILURES, FAILURES, "Not a cloud event", opened("See and correct")
    ),
)
HELP = (
    Place("Help", "/help", "/help", "Help"),
    *(
        Place(f"Help, {slug}", "/help/{guide}", f"/help/{slug}", heading)
        for slug, heading in (
            ("cancel-a-sale", "How to cancel a sale"),
            ("activate", "Activate an item"),
            ("mark-as-sold", "Mark as sold"),
            ("hold", "Place on hold"),
            ("delete", "Delete"),
        )
    ),
    Place("HTTP API", "/docs", "/docs", "HTTP API"),
    Place("A problem", "/docs/problems/{code}", "/docs/problems/invalid", "Something in the"),
)
GONE = (
    Place("No such item", ITEM, "/items/nothing-here", "There is no such item"),
    Place("No such page", "/help/{guide}", "/help/nothing-here", "There is no such thing"),
    Place("Nowhere", "", "/nothing-here", "There is no such thing"),
)
PLACES = (
    *(*SIGNING_IN, *LISTS, *EDIT_STATUS, *WITHOUT_SCRIPT, *CHANGING_MANY, *CANCELING),
    *(*ITEMS, *DESKS, *HELP, *GONE),
)
PARTS = frozenset(
    {"/", "/inventory/rows", "/sold/rows", "/sold/plan", "/progress", "/static/{name:path}"}
)
"""Routes that show no page of their own: a way on, parts of pages, what pages are made of."""
