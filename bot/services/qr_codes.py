"""QR codes: as drawings that stand in a page itself, and as pictures for chats."""

import io
import re
from dataclasses import dataclass, field
from html import escape
from typing import Final

import segno

# A module of four points is read off a cheap screen, and a receipt fits on the smallest.
_POINTS: Final = 8
_QUIET: Final = 4
# Any of the eight masks reads well in a small code, and looking for the best takes six times as
# long as the rest: in a rush of tips that is what people would wait for.
_MASK: Final = 3
_RUNS: Final = re.compile("1+|0+")
# A code of the largest version has 177 modules a row.
_STROKES: Final = {"1" * long: f"h{long}" for long in range(1, 178)} | {
    "0" * long: f"m{long} 0" for long in range(1, 178)
}


@dataclass(frozen=True, slots=True)
class Modules:
    """The modules of a code, row by row, a bit each; `side` is how many a row has."""

    side: int
    bits: int = field(repr=False)

    def rows(self) -> list[str]:
        """Return each row as zeros and ones, dark modules as ones."""
        every = f"{self.bits:0{self.side**2}b}"
        return [every[at : at + self.side] for at in range(0, len(every), self.side)]


def modules_of(content: str) -> Modules:
    """Return the code of `content`: what takes long, and can be made before it is drawn."""
    rows = _code(content).matrix
    every = b"".join(rows).translate(bytes.maketrans(b"\x00\x01", b"01"))
    return Modules(len(rows), int(every, 2))


def drawn(content: str | Modules, *, border: int, title: str = "") -> str:
    """Return a QR code as an SVG element without size or style, `border` modules around it.

    It says `title` to screen readers.
    """
    modules = modules_of(content) if isinstance(content, str) else content
    size = modules.side + 2 * border
    # A line through the middle of each run of dark modules, a step over each run of light ones;
    # the library looks at each module, which in a rush of tips people would wait for.
    path = "".join(
        f"M{border} {row + border}.5{''.join(map(_STROKES.__getitem__, _RUNS.findall(line)))}"
        for row, line in enumerate(modules.rows())
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
