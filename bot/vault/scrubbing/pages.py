"""A PDF as pictures of its pages: what a reader would see, and nothing of what lies behind it.

Text, layers that are switched off, attachments, scripts and older versions stay in the PDF.
Letters whose font is not inside are drawn with one of PDFium's own.
"""

from collections.abc import Sequence
from typing import Final

import pypdfium2
from PIL import Image

from bot.vault.scrubbing.endings import Ending, Unfit
from bot.vault.scrubbing.pictures import packed

MOST_PAGES: Final = 10
# Points of a page are 1/72 inch; at 150 to the inch small print is read and a page takes 6 MB.
_SHARPNESS: Final = 150 / 72
_LONGEST_SIDE: Final = 2560


def prepare() -> None:
    """Load the library; afterwards nothing need be opened any more."""
    pypdfium2.raw.FPDF_GetLastError()


def pictured(body: bytes) -> Sequence[bytes]:
    """Return each page as a JPEG. Raise `Unfit`, and what PDFium raises on a broken file."""
    pdf = pypdfium2.PdfDocument(body)
    if len(pdf) > MOST_PAGES:
        raise Unfit(Ending.TOO_BIG)
    if len(pdf) == 0:
        raise Unfit(Ending.BROKEN)
    return [_pictured(pdf, number) for number in range(len(pdf))]


def _pictured(pdf: pypdfium2.PdfDocument, number: int) -> bytes:
    page = pdf[number]
    width, height = page.get_size()
    # A page of 5 km by 1 mm exists on paper only; not a number is false here too.
    if not (width >= 1 and height >= 1):
        raise Unfit(Ending.BROKEN)
    scale = min(_SHARPNESS, _LONGEST_SIDE / max(width, height))
    bitmap = page.render(scale=scale, may_draw_forms=False)
    points = bitmap.to_pil().convert("RGB")
    page.close()
    clean = Image.new("RGB", points.size, "white")
    clean.paste(points)
    return packed(clean)
