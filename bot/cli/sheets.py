"""Reads a list saved from a spreadsheet: CSV as the world's programs write it, or .xlsx.

Cuts it into cells with the row they stand in; what the cells mean is checked in
`bot.services.units.rosters`.
"""

import csv
import io
import warnings
import zipfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli.reply import Refused
from bot.core.text import clean
from bot.services.units.rosters import Cells, RowFault

_LARGEST_BYTES: Final = 20 * 1024 * 1024
_LARGEST_UNPACKED_BYTES: Final = 200 * 1024 * 1024
_MOST_ROWS: Final = 100_000
_MOST_COLUMNS: Final = 60
_LONGEST_CELL: Final = 10_000
_NAME_SHOWN: Final = 40
_XLSX: Final = b"PK\x03\x04"
_XLS: Final = b"\xd0\xcf\x11\xe0"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")

# One row: its texts, and the keys of what is wrong with some of them (by place, from 0).
_Row = tuple[Sequence[str], dict[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The rows of a file, and what kept some of them from being read."""

    rows: Sequence[Cells]
    faults: Sequence[RowFault]


def read_sheet(path: Path, *, columns: Sequence[str], needed: Collection[str]) -> Sheet:
    """Return the rows of a file whose first row names `columns`; `needed` must be there.

    Raise `Refused` if it is no such file at all, `OSError` if it cannot be read.
    """
    if path.stat().st_size > _LARGEST_BYTES:
        raise Refused(f"{path}: larger than {_LARGEST_BYTES // 1024 // 1024} MB; split the file")
    content = path.read_bytes()
    if content.startswith(_XLS):
        raise Refused(f"{path}: an Excel file of the old kind; save it as .xlsx or CSV UTF-8")
    faults: list[RowFault] = []
    if content.startswith(_XLSX):
        if _unpacked_bytes(content) > _LARGEST_UNPACKED_BYTES:
            raise Refused(f"{path}: too large when unpacked; split the file")
        lines = _xlsx_rows(path, content)
    else:
        lines = _csv_rows(content, columns, faults)
    rows: list[Cells] = []
    names: list[str] | None = None
    for number, (texts, wrong) in enumerate(lines, start=1):
        if number > _MOST_ROWS:
            raise Refused(f"{path}: more than {_MOST_ROWS} rows; split the file")
        if names is None:
            names = _names(texts)
            faults += _header_faults(names, columns, needed)
        elif any(clean(text) for text in texts) or wrong:
            faults += _cell_faults(number, names, texts, wrong)
            named = {name: text for name, text in zip(names, texts, strict=False) if name}
            rows.append(Cells(row=number, texts=named))
    if not rows and not faults:
        faults.append(RowFault(row=1, column=columns[0], key="file_empty"))
    return Sheet(rows=rows, faults=faults)


def _names(texts: Sequence[str]) -> list[str]:
    return [clean(text).strip().casefold().replace(" ", "_") for text in texts]


def _header_faults(
    names: Sequence[str], columns: Sequence[str], needed: Collection[str]
) -> Iterator[RowFault]:
    known = ", ".join(columns)
    for column in [one for one in columns if one in needed and one not in names]:
        yield RowFault(row=1, column=column, key="column_missing")
    for place, name in enumerate(names):
        if name and name not in columns:
            shown = name[:_NAME_SHOWN]
            yield RowFault(row=1, column=shown, key="column_unknown", values={"known": known})
        elif name and name in names[:place]:
            yield RowFault(row=1, column=name, key="column_doubled")


def _cell_faults(
    row: int, names: Sequence[str], texts: Sequence[str], wrong: dict[int, str]
) -> Iterator[RowFault]:
    for place, text in enumerate(texts):
        name = names[place] if place < len(names) else ""
        if not name and clean(text):
            yield RowFault(row=row, column=str(place + 1), key="cell_too_many")
        elif name and place in wrong:
            yield RowFault(row=row, column=name, key=wrong[place])


# --- CSV ---------------------------------------------------------------------------------------


def _csv_rows(content: bytes, columns: Sequence[str], faults: list[RowFault]) -> Iterator[_Row]:
    text = _decoded(content, columns, faults)
    first = text.split("\n", maxsplit=1)[0].casefold()
    # Spreadsheets in Vietnamese write semicolons; what is pasted from one has tabs.
    mark = max(",;\t", key=lambda one: len(set(_names(first.split(one))) & set(columns)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    number = 0
    try:
        for texts in reader:
            number += 1
            yield (
                texts,
                {place: "cell_formula" for place, one in enumerate(texts) if one.startswith("=")},
            )
    except csv.Error:
        faults.append(RowFault(row=number + 1, column=columns[0], key="file_not_csv"))


def _decoded(content: bytes, columns: Sequence[str], faults: list[RowFault]) -> str:
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = before.rpartition(b"\n")[2]
        column = place.count(b";" if b";" in place else b",")
        faults.append(
            RowFault(
                row=before.count(b"\n") + 1,
                column=columns[column] if column < len(columns) else str(column + 1),
                key="file_not_utf8",
            )
        )
        return ""


# --- .xlsx -------------------------------------------------------------------------------------


def _unpacked_bytes(content: bytes) -> int:
    """Return how large an archive is when unpacked: a small file can hold an enormous one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        # What reads it next says so.
        return 0


def _xlsx_rows(path: Path, content: bytes) -> Iterator[_Row]:
    """Yield the rows of the first page. Whatever is wrong inside the file means: not readable."""
    import openpyxl  # noqa: PLC0415 - takes a third of a second; few commands need it

    try:
        with warnings.catch_warnings():
            # Of styles and extensions that are of no interest here.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            try:
                page = book.worksheets[0]
                # Some programs write a size that is not true.
                page.reset_dimensions()
                for cells in page.iter_rows(max_col=_MOST_COLUMNS):
                    yield _xlsx_row([(cell.value, cell.data_type) for cell in cells])
            finally:
                book.close()
    # openpyxl raises whatever its parts raise on a broken file: KeyError, ValueError, ParseError …
    except Exception as error:
        raise Refused(
            f"{path}: not a readable .xlsx file; save it anew or as CSV UTF-8"
        ) from error


def _xlsx_row(cells: Sequence[tuple[object, str]]) -> _Row:
    texts: list[str] = []
    wrong: dict[int, str] = {}
    for place, (value, kind) in enumerate(cells):
        if kind == "f":
            wrong[place] = "cell_formula"
        elif kind == "e":
            wrong[place] = "cell_error"
        elif isinstance(value, bool) or not isinstance(value, str | int | float | None):
            wrong[place] = "cell_not_text"
        texts.append(_xlsx_text(value)[:_LONGEST_CELL])
    while texts and not texts[-1]:
        texts.pop()
    return texts, wrong


def _xlsx_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return "" if value is None else str(value)
