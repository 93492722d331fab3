"""QR codes: as drawings that stand in a page itself, and as pictures for chats."""

import io
import re
from html import escape
from typing import Final

import segno

# A module of four points is read off a cheap screen, and a receipt fits on the smallest.
_POINTS: Final = 8
_QUIET: Final = 4
# Any of the eight masks reads well in a small code, and looking for the best takes six times as
# long as the rest: in a rush of tips that is what people would wait for.
_MASK: Final = 3
_DARK: Final = re.compile(rb"\x01+")


def drawn(content: str, *, border: int, title: str = "") -> str:
    """Return a QR code as an SVG element without size or style, `border` modules around it.

    It says `title` to screen readers.
    """
    rows = _code(content).matrix
    size = len(rows) + 2 * border
    # A line through the middle of each run of dark modules; the library looks at each module.
    path = "".join(
        f"M{run.start() + border} {row + border}.5h{run.end() - run.start()}"
        for row, modules in enumerate(rows)
        for run in _DARK.finditer(modules)
    )
    said = f"<title>{escape(title)}</title>" if title else ""
    return f'<svg viewBox="0 0 {size} {size}">{said}<path stroke="#000" d="{path}"/></svg>'


def picture(content: str) -> bytes:
    """Return a QR code as a PNG in black and white, about 300 points wide, without metadata."""
    out = io.BytesIO()
    _code(content).save(out, kind="png", scale=_POINTS, border=_QUIET)
    return out.getvalue()


def _code(content: str) -> segno.QRCode:
    return segno.make(content, error="m", micro=False, mask=_MASK)
