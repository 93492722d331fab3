"""Tables for spreadsheets, CSV and .xlsx, written piece by piece so that memory stays flat.

Every cell is text and stays text. What somebody typed may begin like a formula, and a
spreadsheet would carry it out on the officer's machine.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

Row = Sequence[str]
# Excel takes a file without it for some old Western alphabet.
_MARK: Final = "\ufeff"
_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MOST_ROWS: Final = 1_048_576
_LONGEST_CELL: Final = 32_767


def csv_text(rows: Iterable[Row]) -> str:
    """Return rows as lines of CSV (RFC 4180)."""
    written = io.StringIO()
    csv.writer(written).writerows([_as_text(cell) for cell in row] for row in rows)
    return written.getvalue()


def _as_text(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; CSV has no other way to say so."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell


async def csv_pieces(heads: Row, pieces: AsyncIterable[Iterable[Row]]) -> AsyncIterator[bytes]:
    """Yield a table as CSV in UTF-8 with its mark, piece by piece."""
    yield (_MARK + csv_text([heads])).encode()
    async for piece in pieces:
        yield csv_text(piece).encode()


async def write_xlsx(path: Path, heads: Row, pieces: AsyncIterable[Iterable[Row]]) -> int:
    """Write a table to a file; return how many rows it has. Scratch files stand beside it."""
    with closing(_Workbook(path, heads)) as book:
        async for piece in pieces:
            await asyncio.to_thread(book.write, list(piece))
        # Packing takes as long as writing did.
        await asyncio.to_thread(book.close)
        return book.count


class _Workbook:
    """One .xlsx file; begins another sheet where one is full."""

    def __init__(self, path: Path, heads: Row) -> None:
        import xlsxwriter  # noqa: PLC0415 - few processes ever write one

        self._heads = heads
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._bold = self._book.add_format({"bold": True})
        self._is_closed = False
        self.count = 0
        self._begin_sheet()

    def _begin_sheet(self) -> None:
        self._sheet: Worksheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(self._heads) - 1, 22)
        for column, head in enumerate(self._heads):
            self._sheet.write_string(0, column, head, self._bold)
        self._next_row = 1

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self._next_row >= _MOST_ROWS:
                self._begin_sheet()
            for column, cell in enumerate(row):
                self._sheet.write_string(self._next_row, column, cell[:_LONGEST_CELL])
            self._next_row += 1
            self.count += 1

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._book.close()
