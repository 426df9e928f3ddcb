"""Help: the console's own pages of instructions, with pictures that the test suite takes."""

from fastapi import Request, Response

from gateway.console.pages import Reader, page, pages
from gateway.domain.problems import Problem
from gateway.http.context import Gateway

router = pages()
GUIDES = {
    "cancel-a-sale": "How to cancel a sale",
    "activate": "Activate an item",
    "mark-as-sold": "Mark as sold",
    "hold": "Place on hold",
    "delete": "Delete",
}


@router.get("/help")
async def contents(request: Request, gateway: Gateway, who: Reader) -> Response:
    """What there is help for."""
    return await page(request, gateway, who, "help/contents.html", guides=GUIDES)


@router.get("/help/{guide}")
async def helping(guide: str, request: Request, gateway: Gateway, who: Reader) -> Response:
    """One page of instructions."""
    if guide not in GUIDES:
        raise Problem("not_found", "There is no such page of help.")
    template = f"help/{guide}.html"
    return await page(request, gateway, who, template, title=GUIDES[guide], guides=GUIDES)
