"""Import: a file of items, how far it is, and every row that did not go in."""

from fastapi import Request, Response
from starlette.datastructures import UploadFile

from gateway.console.pages import Reader, Writer, page, pages, redirect
from gateway.console.uploading import uploaded
from gateway.domain.problems import Problem
from gateway.http.context import Context, Gateway
from gateway.http.imports import take_in
from gateway.records.access import Principal

router = pages()
ROWS_SHOWN = 500


@router.get("/import")
async def importing(request: Request, gateway: Gateway, who: Reader) -> Response:
    """Where a file is chosen."""
    return await _chosen(request, gateway, who)


@router.post("/import")
async def bring_in(request: Request, gateway: Gateway, who: Writer) -> Response:
    """Take a file in, and go on to its progress."""
    fields = await uploaded(request, gateway.settings.import_limit)
    file = fields.get("file")
    currency = str(fields.get("currency") or "USD").strip().upper()
    if not isinstance(file, UploadFile) or not file.filename:
        return await _chosen(request, gateway, who, "Choose a file first.", currency)
    try:
        report = await take_in(gateway, who, await file.read(), currency)
    except Problem as problem:
        return await _chosen(request, gateway, who, problem.detail or problem.title, currency)
    return redirect(request, f"/import/{report['import_id']}")


@router.get("/import/{import_id}")
async def progress(import_id: str, request: Request, gateway: Gateway, who: Reader) -> Response:
    """How far an import is."""
    report = await gateway.imports.get(who.dealer, import_id)
    if report is None:
        raise Problem("not_found", "There is no such import.")
    return await page(request, gateway, who, "import.html", report=report, most=ROWS_SHOWN)


async def _chosen(
    request: Request, gateway: Context, who: Principal, error: str = "", currency: str = "USD"
) -> Response:
    status = 422 if error else 200
    return await page(
        request, gateway, who, "import_file.html", status=status, error=error, currency=currency
    )
