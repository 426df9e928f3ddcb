"""`/docs`: what the API has, and a page for each problem. No script, nothing from elsewhere."""

from fastapi import APIRouter, Request, Response

from gateway.console.pages import show
from gateway.domain.problem_pages import PAGES
from gateway.domain.problems import TITLES, Problem

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def reference(request: Request) -> Response:
    """Every path and method, from the OpenAPI description."""
    paths = request.app.openapi()["paths"]
    operations = [
        {
            "method": method.upper(),
            "path": path,
            "about": operation.get("description", ""),
            "query": [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"],
        }
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]
    return await show("reference.html", operations=operations, problems=sorted(TITLES))


@router.get("/docs/problems/{code}")
async def problem(code: str) -> Response:
    """What a problem means."""
    if code not in PAGES:
        raise Problem("not_found", "There is no such problem.")
    status, title = TITLES[code]
    return await show("problem.html", code=code, status_code=status, title=title, text=PAGES[code])
