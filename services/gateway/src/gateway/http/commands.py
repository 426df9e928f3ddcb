"""What became of a command."""

from typing import Any

from fastapi import APIRouter

from gateway.domain.problems import Problem
from gateway.http.context import Gateway, Reader
from gateway.http.sending import body_of

router = APIRouter(tags=["commands"])


@router.get("/commands/{command_id}")
async def read_command(command_id: str, gateway: Gateway, who: Reader) -> dict[str, Any]:
    """`{command_id, type, status: accepted | done | rejected, problem?, sale?, item?}`."""
    kept = await gateway.commands.get(who.dealer, command_id)
    if kept is None:
        raise Problem("not_found", f"There is no command {command_id}.")
    return await body_of(gateway, who, kept)
