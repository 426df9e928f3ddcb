"""Reading single cells of a product export: prices, quantities, ids, text from wrong encodings."""

import html
import re
import unicodedata
from decimal import Decimal

SIGNS = {"$": ("USD", "CAD", "AUD", "NZD", "MXN"), "€": ("EUR",), "£": ("GBP",), "¥": ("JPY",)}
ITEM_ID = re.compile(r"^[A-Za-z0-9._:-]{1,128}$")
LONGEST_WHOLE = 12
MINUS = "\N{MINUS SIGN}"
UNESCAPES = 3
_CODE = re.compile(r"(?:^|(?<=[^A-Za-z]))([A-Z]{3})(?=$|[^A-Za-z])")
_GROUPED = re.compile(r"^[0-9]{1,3}(?:(?P<mark>[,. '])[0-9]{3})(?:(?P=mark)[0-9]{3})*$")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff]")
_C1 = re.compile(r"[\x80-\x9f]")
_PAIR = re.compile(r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


class Unreadable(Exception):  # noqa: N818 - it reads as a verdict on the cell
    """A cell that cannot be taken for what it should be; the text finishes "Price ..."."""


def price(text: str, currency: str) -> tuple[str, bool]:
    """An exact amount with two decimals, and whether it was written in an unusual way.

    A sign or code of another currency, and a way of writing that can mean two amounts, are refused:
    a wrong price is worse than none.
    """
    bare = _without_currency(text, currency)
    if not bare:
        raise Unreadable("is missing")
    negative = bare.startswith(("-", MINUS, "("))
    digits = bare.strip(f"-{MINUS}() ")
    if not digits or not re.fullmatch(r"[0-9][0-9,. ']*", digits):
        raise Unreadable(f'is not a number: "{text[:40]}"')
    amount = Decimal(_plain(digits, text))
    if negative:
        raise Unreadable(f"is negative: {text.strip()[:40]}")
    if amount == 0:
        raise Unreadable("is 0")
    if amount >= Decimal(10) ** LONGEST_WHOLE:
        raise Unreadable(f"is too large: {text.strip()[:40]}")
    written = format(amount.quantize(Decimal("0.01")), "f")
    if Decimal(written) != amount:
        raise Unreadable(f"has parts of a cent: {text.strip()[:40]}")
    return written, not re.fullmatch(r"[0-9]+(?:\.[0-9]{1,2})?", text.strip())


def quantity(text: str) -> int | None:
    """How many are owned; None when the cell is empty."""
    bare = text.strip()
    if not bare:
        return None
    bare = bare.replace(MINUS, "-")
    if not re.fullmatch(r"-?[0-9]{1,7}(?:\.0+)?", bare):
        raise Unreadable(f'is not a whole number: "{bare[:40]}"')
    number = int(Decimal(bare))
    if number < 0:
        raise Unreadable(f"is {number}: more were sold than there were")
    if number > 1_000_000:  # noqa: PLR2004 - item.create's own limit
        raise Unreadable(f"is too large: {number}")
    return number


def item_id(handle: str) -> str | None:
    """The handle as an id; one that does not fit is written as Shopify itself would write it."""
    if ITEM_ID.match(handle):
        return handle
    ascii_only = unicodedata.normalize("NFKD", handle).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")
    return slug if ITEM_ID.match(slug) else None


def repaired(text: str) -> str:
    """Text as it was before it went through a wrong encoding, as far as that can be known."""
    text = _unmixed(text)
    text = _C1.sub(lambda match: _windows(match[0]), text)
    return _CONTROLS.sub("", text)


def unescaped(text: str) -> str:
    """Text without character references, however often it was escaped."""
    for _ in range(UNESCAPES):
        if not _REFERENCE.search(text):
            break
        text = html.unescape(text)
    return text


def _without_currency(text: str, currency: str) -> str:
    bare = " ".join(text.split()).strip()
    for sign, currencies in SIGNS.items():
        if sign in bare and currency not in currencies:
            raise Unreadable(f"is not in {currency}: {bare[:40]}")
        bare = bare.replace(sign, "")
    for code in _CODE.findall(bare):
        if code != currency:
            raise Unreadable(f'is not a number in {currency}: "{bare[:40]}"')
        bare = bare.replace(code, "")
    return bare.strip()


def _plain(digits: str, text: str) -> str:
    """`1,200.00`, `1.200,00`, `1 200` and `12,50` as `1200.00` and `12.50`."""
    digits = digits.replace(" ", " ").strip()
    last = max(digits.rfind(","), digits.rfind("."))
    if last < 0:
        return digits.replace(" ", "").replace("'", "")
    whole, mark, fraction = digits[:last], digits[last], digits[last + 1 :]
    if len(fraction) in (1, 2) and (whole.isdigit() or _GROUPED.match(whole)) and mark not in whole:
        return re.sub(r"[^0-9]", "", whole) + "." + fraction
    if mark == "," and _GROUPED.match(digits):
        return re.sub(r"[^0-9]", "", digits)
    raise Unreadable(f'can mean two amounts: "{text.strip()[:40]}"')


def _unmixed(text: str) -> str:
    """UTF-8 that was read as Windows-1252, put right; other text is left alone."""
    pairs = _PAIR.findall(text)
    # One pair proves nothing: French has `É»`. Only what no language writes is taken for it.
    if not pairs or (len(pairs) == 1 and pairs[0][0] not in "ÂÃÄÅâ"):
        return text
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


def _windows(control: str) -> str:
    try:
        return control.encode("latin-1").decode("cp1252")
    except UnicodeDecodeError:
        return ""
