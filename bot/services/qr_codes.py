"""QR codes: as drawings that stand in a page itself, and as pictures for chats."""

import io
from typing import Final

import segno

# A module of four points is read off a cheap screen, and a receipt fits on the smallest.
_POINTS: Final = 8
_QUIET: Final = 4
# Any of the eight masks reads well in a small code, and looking for the best takes six times as
# long as the rest: in a rush of tips that is what people would wait for.
_MASK: Final = 3


def drawn(content: str, *, border: int, title: str = "") -> str:
    """Return a QR code as an SVG element without size or style, `border` modules around it.

    It says `title` to screen readers.
    """
    out = io.BytesIO()
    _code(content).save(
        out,
        kind="svg",
        border=border,
        xmldecl=False,
        svgns=False,
        title=title or None,
        omitsize=True,
        nl=False,
        lineclass=None,
        svgclass=None,
    )
    return out.getvalue().decode()


def picture(content: str) -> bytes:
    """Return a QR code as a PNG in black and white, about 300 points wide, without metadata."""
    out = io.BytesIO()
    _code(content).save(out, kind="png", scale=_POINTS, border=_QUIET)
    return out.getvalue()


def _code(content: str) -> segno.QRCode:
    return segno.make(content, error="m", micro=False, mask=_MASK)
