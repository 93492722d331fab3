"""Papers as PDF, with text that can be searched and a watermark across every page.

Whoever wrote the text is a stranger: it is set as plain text, marks without a shape in the font
are said to be there, and pictures come from the cleaner alone.
"""

import asyncio
import io
import threading
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.core.papers import Paper, PaperPart, PaperPicture
from bot.core.text import clean

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import BaseDocTemplate, Flowable

_REGULAR: Final = "BeVietnamPro"
_BOLD: Final = "BeVietnamPro-Bold"
_FILES: Final = {_REGULAR: "be-vietnam-pro-400.ttf", _BOLD: "be-vietnam-pro-600.ttf"}
_NO_SHAPE: Final = "[?]"
_MM: Final = 72 / 25.4
_MARGIN: Final = 20 * _MM
_FOOT: Final = 12 * _MM
# Over the page, from its lower left, so often that no part of it is without.
_MARK_EVERY: Final = 40 * _MM
_MARK_ANGLE: Final = 30
_MARK_INK: Final = 0.14
_TALLEST_PICTURE: Final = 200 * _MM


class PdfPress:
    """Fits `bot.core.papers.PaperPress`."""

    def __init__(self, fonts: Path) -> None:
        """`fonts` is the folder of the font files. They are read when a paper is set."""
        self._fonts = fonts
        # The library keeps fonts, and what a document uses of them, for the whole process.
        self._one_at_a_time = threading.Lock()

    async def printed(self, paper: Paper) -> bytes:
        """Return the paper as PDF; it is set in a thread."""
        return await asyncio.to_thread(self._set, paper)

    def _set(self, paper: Paper) -> bytes:
        from reportlab.platypus import (  # noqa: PLC0415 - takes a while, and few print
            BaseDocTemplate,
            Frame,
            PageTemplate,
        )

        with self._one_at_a_time:
            shapes = self._registered()
            written = io.BytesIO()
            # Without a moment: "invariant" leaves out when it was made.
            document = BaseDocTemplate(
                written,
                leftMargin=_MARGIN,
                rightMargin=_MARGIN,
                topMargin=_MARGIN,
                bottomMargin=_MARGIN,
                title=_shaped(paper.title, shapes),
                author="",
                creator="",
                invariant=1,
            )
            frame = Frame(
                document.leftMargin, document.bottomMargin, document.width, document.height
            )
            mark, foot = _shaped(paper.mark, shapes), _shaped(paper.foot, shapes)

            def dress(canvas: "Canvas", page: "BaseDocTemplate") -> None:
                _watermark(canvas, mark)
                _footer(canvas, foot, page.page)

            document.addPageTemplates([PageTemplate(frames=[frame], onPageEnd=dress)])
            document.build(list(_story(paper, shapes, width=document.width)))
            return written.getvalue()

    def _registered(self) -> frozenset[int]:
        """Make the fonts known; return the code points both have shapes for."""
        from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - see `_set`
        from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 - same

        known = set(pdfmetrics.getRegisteredFontNames())
        for name, file in _FILES.items():
            if name not in known:
                pdfmetrics.registerFont(TTFont(name, str(self._fonts / file)))
        shapes = [set(pdfmetrics.getFont(name).face.charToGlyph) for name in _FILES]
        return frozenset(set.intersection(*shapes))


def _shaped(text: str, shapes: frozenset[int]) -> str:
    """Return a text of marks that can be set."""
    told = clean(text)
    return "".join(mark if mark == "\n" or ord(mark) in shapes else _NO_SHAPE for mark in told)


def _story(paper: Paper, shapes: frozenset[int], *, width: float) -> "Iterator[Flowable]":
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415 - see `_set`
    from reportlab.platypus import Paragraph  # noqa: PLC0415 - same

    text = ParagraphStyle("text", fontName=_REGULAR, fontSize=11, leading=16, spaceAfter=6)
    heading = ParagraphStyle("heading", text, fontName=_BOLD, spaceBefore=8, keepWithNext=1)
    title = ParagraphStyle("title", heading, fontSize=18, leading=24)

    def set_in(style: ParagraphStyle, words: str) -> "Flowable":
        lines = escape(_shaped(words, shapes), quote=False).replace("\n", "<br/>")
        return Paragraph(lines, style)

    yield set_in(title, paper.title)
    yield set_in(text, paper.facts)
    for part in paper.parts:
        yield from _part(part, heading=heading, text=text, set_in=set_in)
    for picture in paper.pictures:
        yield set_in(heading, picture.caption)
        if picture.body is not None:
            yield _picture(picture, width=width)


def _part(part: PaperPart, *, heading: Any, text: Any, set_in: Any) -> "Iterator[Flowable]":  # noqa: ANN401 - of the library
    if part.heading:
        yield set_in(heading, part.heading)
    yield set_in(text, part.text)


def _picture(picture: PaperPicture, *, width: float) -> "Flowable":
    from reportlab.platypus import Image  # noqa: PLC0415 - see `_set`

    image = Image(io.BytesIO(picture.body or b""), lazy=0)
    scale = min(1.0, width / image.imageWidth, _TALLEST_PICTURE / image.imageHeight)
    image.drawWidth, image.drawHeight = image.imageWidth * scale, image.imageHeight * scale
    image.hAlign = "LEFT"
    return image


def _watermark(canvas: "Canvas", mark: str) -> None:
    width, height = canvas._pagesize  # noqa: SLF001 - the library names it so
    canvas.saveState()
    # Over the pictures as well, which show through.
    canvas.setFillGray(0.0, alpha=_MARK_INK)
    canvas.setFont(_REGULAR, 9)
    canvas.rotate(_MARK_ANGLE)
    line = f"{mark}     " * 3
    for step in range(-10, int((width + height) / _MARK_EVERY) + 4):
        canvas.drawString(-_MARK_EVERY * (step % 3), step * _MARK_EVERY, line)
    canvas.restoreState()


def _footer(canvas: "Canvas", foot: str, number: int) -> None:
    width, _ = canvas._pagesize  # noqa: SLF001 - the library names it so
    canvas.saveState()
    canvas.setFont(_REGULAR, 8)
    canvas.drawString(_MARGIN, _FOOT, foot)
    canvas.drawRightString(width - _MARGIN, _FOOT, str(number))
    canvas.restoreState()
