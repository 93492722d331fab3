"""Files for spreadsheets: every cell stays what it is, and memory does not grow with the rows."""

import csv
import io
import os
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import openpyxl
import pytest

from bot.services import sheets
from bot.services.sheets import csv_pieces, write_xlsx

HEADS = ("Đơn vị", "Mã hộ")
HOSTILE = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+84 900 000 001",
    "-12",
    "@SUM(A1:A9)",
    "  =1+1",
    "\t=1+1",
    "\uff1d1+1",
    '=HYPERLINK("https://evil.example/","x")',
]
PLAIN = [
    "Tổ dân phố 1",
    "",
    "https://example.vn/?a=1",
    "0123",
    "1e5",
    'Ngõ "12", số 3',
    "hai\ndòng",
    "22/11/2026",
    "<b>&amp;",
    "🏠",
]


async def pieces(
    rows: Sequence[Sequence[str]], size: int = 3
) -> AsyncIterator[Sequence[Sequence[str]]]:
    for begin in range(0, len(rows), size):
        yield rows[begin : begin + size]


async def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    return b"".join([piece async for piece in csv_pieces(HEADS, pieces(rows))])


async def test_csv_is_utf8_with_its_mark_and_is_read_back_as_it_was() -> None:
    written = await as_csv([(text, "x") for text in PLAIN])
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert rows == [list(HEADS), *[[text, "x"] for text in PLAIN]]


@pytest.mark.parametrize("cell", HOSTILE)
async def test_in_csv_no_cell_begins_like_a_formula(cell: str) -> None:
    written = await as_csv([(cell, cell)])
    (_, row) = csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""))
    assert row == [f"'{cell}"] * 2


async def test_in_xlsx_every_cell_is_text_and_as_it_was(tmp_path: Path) -> None:
    cells = [*HOSTILE, *PLAIN]
    path = tmp_path / "x.xlsx"
    assert await write_xlsx(path, HEADS, pieces([(cell, "x") for cell in cells])) == len(cells)
    page = openpyxl.load_workbook(path).worksheets[0]
    rows = list(page.iter_rows(max_col=1))
    assert [row[0].value for row in rows] == [HEADS[0], *cells]
    assert {row[0].data_type for row in rows if row[0].value} == {"s"}
    assert page.column_dimensions["A"].width > 10
    assert os.listdir(tmp_path) == ["x.xlsx"]  # noqa: PTH208 - a look at what is left over


async def test_a_cell_longer_than_excel_takes_is_cut_and_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    await write_xlsx(path, HEADS, pieces([("x" * 40_000, "y")]))
    page = openpyxl.load_workbook(path).worksheets[0]
    assert len(str(page["A2"].value)) == 32_767


async def test_more_rows_than_a_sheet_takes_go_on_on_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_MOST_ROWS", 4)
    path = tmp_path / "x.xlsx"
    await write_xlsx(path, HEADS, pieces([(str(number), "x") for number in range(7)]))
    book = openpyxl.load_workbook(path)
    values = [[row[0].value for row in page.iter_rows(max_col=1)] for page in book.worksheets]
    assert values == [[HEADS[0], "0", "1", "2"], [HEADS[0], "3", "4", "5"], [HEADS[0], "6"]]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_memory_does_not_grow_with_the_rows(tmp_path: Path, kind: str) -> None:
    row = ("Tổ dân phố 1", "H001", "Số 3, ngõ 5", "Zalo", "22/11/2026", "Bỏ qua", "", "")

    async def many(count: int) -> AsyncIterator[Sequence[Sequence[str]]]:
        for _ in range(count // 1_000):
            yield [row] * 1_000

    async def peak(count: int) -> int:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        if kind == "csv":
            async for _ in csv_pieces(HEADS, many(count)):
                pass
        else:
            await write_xlsx(tmp_path / "x.xlsx", HEADS, many(count))
        return tracemalloc.get_traced_memory()[1] - before

    tracemalloc.start()
    try:
        few, more = await peak(2_000), await peak(20_000)
    finally:
        tracemalloc.stop()
    assert more < few + 500_000
