"""What a file is by its contents, whatever it is called, and a name that is safe to send on.

Accepted is what every platform takes (Zalo is the narrowest: PDF, Word, CSV, up to 5 MB). A file
goes out as it is; pictures are made anew elsewhere.
"""

import csv
import io
import re
import zipfile
from enum import StrEnum
from typing import Final

from bot.core.errors import RuleBroken
from bot.core.text import clean

FILE_MOST_BYTES: Final = 5_000_000
_NAME_LONGEST: Final = 80
_NOT_IN_NAMES: Final = re.compile(r"[\s<>:\"/\\|?*%;#&'`$~^{}\[\]=,.\x00-\x1f]+")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK\x03\x04"
_WORD_INSIDE: Final = frozenset({"[Content_Types].xml", "word/document.xml"})
_MOST_PARTS: Final = 2_000
_MOST_UNPACKED_BYTES: Final = 100_000_000
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class FileKind(StrEnum):
    """The files that may go out. The value is the extension."""

    PDF = "pdf"
    DOC = "doc"
    DOCX = "docx"
    CSV = "csv"


MEDIA_TYPES: Final = {
    FileKind.PDF: "application/pdf",
    FileKind.DOC: "application/msword",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.CSV: "text/csv",
}


class FileRefused(RuleBroken):
    """The file is of another kind, damaged, too large, or holds what could do harm."""


def looks_like_a_picture(body: bytes) -> bool:
    """Tell whether `body` begins as a JPEG or PNG does."""
    return body.startswith(_PICTURES)


def file_kind(name: str, body: bytes) -> FileKind:
    """Return what `body` is. Only of plain text the name decides. Raise `FileRefused`."""
    if len(body) > FILE_MOST_BYTES:
        raise FileRefused("file_too_large", most_mb=FILE_MOST_BYTES // 1_000_000)
    if body.startswith(b"%PDF-"):
        return _whole_pdf(body)
    if body.startswith(_ZIP):
        return _word(body)
    if body.startswith(_OLE):
        return _old_word(body)
    if name.lower().endswith(".csv"):
        return _table(body)
    raise FileRefused("file_kind_unknown")


def _whole_pdf(body: bytes) -> FileKind:
    if b"%%EOF" not in body[-2048:]:
        raise FileRefused("file_damaged")
    return FileKind.PDF


def _word(body: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise FileRefused("file_damaged") from error
    names = {part.filename for part in parts}
    if not names >= _WORD_INSIDE:
        raise FileRefused("file_kind_unknown")
    # Macros run when the file is opened; nobody needs them to read an announcement.
    if any(name.lower().endswith(".bin") for name in names):
        raise FileRefused("file_has_macros")
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _MOST_PARTS or unpacked > _MOST_UNPACKED_BYTES:
        raise FileRefused("file_damaged")
    return FileKind.DOCX


def _old_word(body: bytes) -> FileKind:
    # Names of streams in such a container are UTF-16.
    if "WordDocument".encode("utf-16-le") not in body:
        raise FileRefused("file_kind_unknown")
    if "_VBA_PROJECT".encode("utf-16-le") in body:
        raise FileRefused("file_has_macros")
    return FileKind.DOC


def _table(body: bytes) -> FileKind:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused("file_not_utf8_table") from error
    # A page or drawing that only calls itself a table would run in a browser.
    is_markup = text.lstrip().startswith("<")
    if is_markup or not text.strip() or any(mark < " " and mark not in "\r\n\t" for mark in text):
        raise FileRefused("file_kind_unknown")
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), strict=True):
            pass
    except csv.Error as error:
        raise FileRefused("file_damaged") from error
    return FileKind.CSV


def safe_name(name: str, kind: FileKind) -> str:
    """Return a name without folders, signs and second extensions, ending as its kind does."""
    bare = clean(name).replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, ending = bare.rpartition(".")
    if not dot or ending.lower() not in set(FileKind):
        stem = bare
    stem = _NOT_IN_NAMES.sub("-", stem).strip("-")[:_NAME_LONGEST].strip("-")
    return f"{stem or 'tep'}.{kind}"
