"""From any picture to a small one of ours: nothing of the original's bytes is passed on."""

import warnings
from io import BytesIO

from PIL import Image, ImageOps

READ = ("JPEG", "PNG", "WEBP")
EDGE = 256
MOST_PIXELS = 40_000_000
QUALITY = 80


class NotAPicture(Exception):  # noqa: N818 - a state of affairs, said to whoever sent it
    """The bytes are no picture that is taken here; the text says why."""


def thumbnail(content: bytes) -> bytes:
    """A WebP of at most 256 by 256 pixels, upright, without anything else the original held."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=READ) as opened:
                return _encoded(opened)
    except NotAPicture:
        raise
    except Exception as error:
        # Decoders meet anything in foreign bytes; whatever they raise, it is no picture.
        raise NotAPicture("This is not a JPEG, PNG or WebP picture that can be read.") from error


def _encoded(opened: Image.Image) -> bytes:
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise NotAPicture(f"The picture has {width} by {height} pixels; that is too many.")
    opened.draft("RGB", (EDGE * 2, EDGE * 2))
    upright = ImageOps.exif_transpose(opened)
    small = upright.convert("RGBA" if "A" in upright.getbands() else "RGB")
    small.thumbnail((EDGE, EDGE))
    written = BytesIO()
    small.save(written, "WEBP", quality=QUALITY)
    return written.getvalue()
