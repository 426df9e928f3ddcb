"""Descriptions: HTML with what can run or restyle taken out, plain text made HTML."""

import html
import re
from html.parser import HTMLParser

KEPT = frozenset(
    [
        "p",
        "br",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "div",
        "span",
        "hr",
        "sub",
        "sup",
        "small",
    ]
)
VOID = frozenset({"br", "hr"})
DROPPED_WHOLE = frozenset({"script", "style", "iframe", "object", "template", "noscript", "svg"})
_TAG = re.compile(r"</?(?:[a-z][a-z0-9]*)(?:\s[^<>]*)?/?>", re.IGNORECASE)


def description(text: str) -> tuple[str, bool]:
    """HTML that is safe to pass on, and whether something was taken out."""
    if not _TAG.search(text):
        escaped = html.escape(text.strip(), quote=False)
        return re.sub(r"\n", "<br>\n", escaped), False
    cleaner = _Cleaner()
    cleaner.feed(text)
    cleaner.close()
    cleaner.end()
    # Never the text as it came: a tag left open at its end would pass as it is.
    return cleaner.text, cleaner.changed


class _Cleaner(HTMLParser):
    """Writes kept tags without attributes and closes what was left open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []
        self._inside_dropped = 0
        self.changed = False

    @property
    def text(self) -> str:
        return "".join(self._parts).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED_WHOLE:
            self._inside_dropped += 1
        if tag not in KEPT or attrs:
            self.changed = True
        if tag not in KEPT or self._inside_dropped:
            return
        self._parts.append(f"<{tag}>")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED_WHOLE:
            self._inside_dropped = max(0, self._inside_dropped - 1)
            return
        if tag not in self._open or self._inside_dropped:
            self.changed = self.changed or tag not in VOID
            return
        while self._open:
            last = self._open.pop()
            self._parts.append(f"</{last}>")
            if last == tag:
                return
            self.changed = True

    def handle_data(self, data: str) -> None:
        if not self._inside_dropped:
            self._parts.append(html.escape(data, quote=False))

    def end(self) -> None:
        """Close what is open."""
        self.changed = self.changed or bool(self._open)
        self._parts += [f"</{tag}>" for tag in reversed(self._open)]
