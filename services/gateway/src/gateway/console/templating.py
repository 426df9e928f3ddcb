"""Jinja as the console uses it: escaping always, and filters for words, money and times."""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape

from gateway.console import drawings, words
from gateway.console.assets import address

HERE = Path(__file__).parent


@cache
def environment() -> Environment:
    """The environment, made at its first use."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        enable_async=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "place": words.place,
        "places": words.places,
        "money": words.money,
        "moment": words.moment,
        "status": words.status,
        "anchor": anchor,
        "field_id": field_id,
    }
    made.globals |= {
        "asset": address,
        "words": words,
        "shape": drawings.shape,
        "outline": drawings.outline,
    }
    return made


async def render(template: str, **values: Any) -> str:
    """A template's text."""
    return await environment().get_template(template).render_async(**values)


def anchor(given: str) -> str:
    """An id for an element that stands for something whose own id may hold any character."""
    return "x" + hashlib.sha256(given.encode()).hexdigest()[:12]


def field_id(pointer: str) -> str:
    """The id of the control for a field: `/attributes/period` is `field-attributes-period`."""
    return "field" + re.sub(r"[^A-Za-z0-9]+", "-", pointer)
