"""Every file that is generated from the message classes, and whether one has drifted."""

import json
from pathlib import Path

from brocante.contracts import asyncapi, message_catalogue
from brocante.contracts.catalogue import message_classes
from brocante.contracts.samples import sample
from brocante.contracts.schemas import file_name, schema
from brocante.contracts.values import JsonObject

FOLDERS = ("contracts/schemas", "contracts/samples")


def files() -> dict[str, str]:
    """The text of each generated file, by its path under docs."""
    found = {
        "messages.md": message_catalogue.text(),
        "contracts/asyncapi.json": as_json(asyncapi.document()),
    }
    for cls in message_classes():
        name = file_name(cls)
        found[f"contracts/schemas/{name}"] = as_json(schema(cls))
        found[f"contracts/samples/{name}"] = as_json(sample(cls).wire())
    return found


def as_json(value: JsonObject) -> str:
    """JSON as it is committed: indented, letters as they are, a line end at the end."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def write(docs: Path) -> list[str]:
    """Write what has drifted and remove what no message has any more; the paths, sorted."""
    wanted = files()
    changed = drifted(docs)
    for name in changed:
        path = docs / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def drifted(docs: Path) -> list[str]:
    """The files that are missing, differ or belong to no message; paths under docs, sorted."""
    wanted = files()
    there = {
        str(path.relative_to(docs)) for folder in FOLDERS for path in (docs / folder).glob("*.json")
    }
    differing = {name for name, text in wanted.items() if _read(docs / name) != text}
    return sorted(differing | (there - set(wanted)))


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
