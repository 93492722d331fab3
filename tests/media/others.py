"""What is not cleaned: films, sound, archives, pages, pictures of formats that are not listed."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from tests.media.boxes import box
from tests.media.cases import Case, Chest, painted, saved
from tests.media.fields import xmp


def cases(chest: Chest) -> Iterator[Case]:
    """Yield what must be refused, each with a secret."""
    for name, place, make in (*_FILMS, *_SOUNDS, *_DOCUMENTS):
        word = chest.text()
        body = make(word)
        yield Case(format=name, place=place, body=body, hidden=(word,), is_cleanable=False)
    for name, kind in (("jp2", "JPEG2000"), ("ico", "ICO"), ("tga", "TGA"), ("ppm", "PPM")):
        word = chest.text()
        body = saved(painted((64, 64)), kind) + word.encode()
        yield Case(
            format=name, place="behind the end", body=body, hidden=(word,), is_cleanable=False
        )


def _film(brand: bytes, *boxes: bytes) -> bytes:
    return (
        box(b"ftyp", brand + bytes(4) + brand) + box(b"moov", b"".join(boxes)) + box(b"mdat", b"")
    )


def _where(word: str) -> bytes:
    text = word.encode()
    return box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(text), 0x15C7) + text))


def _item(name: bytes, word: str) -> bytes:
    data = box(name, box(b"data", struct.pack(">II", 1, 0) + word.encode()))
    return box(b"udta", box(b"meta", bytes(4) + box(b"ilst", data)))


def _element(number: int, body: bytes) -> bytes:
    digits = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return digits + struct.pack(">Q", len(body) | 1 << 56) + body


def _matroska(kind: bytes, word: str) -> bytes:
    tag = _element(0x67C8, _element(0x45A3, b"LOCATION") + _element(0x4487, word.encode()))
    head = _element(0x1A45DFA3, _element(0x4282, kind))
    return head + _element(0x18538067, _element(0x1254C367, _element(0x7373, tag)))


def _ogg(codec: bytes, word: str) -> bytes:
    note = b"ARTIST=" + word.encode()
    body = codec + struct.pack("<I", 0) + struct.pack("<II", 1, len(note)) + note
    return b"OggS\0\x02" + bytes(20) + b"\x01" + bytes([len(body)]) + body


def _id3(version: int, word: str) -> bytes:
    text = b"\x03" + word.encode()
    frame = b"TPE1" + struct.pack(">IH", len(text), 0) + text
    return b"ID3" + bytes([version, 0, 0, 0, 0, 0, len(frame)]) + frame + b"\xff\xfb\x90\0" * 90


def _wave(word: str) -> bytes:
    note = b"IART" + struct.pack("<I", len(word)) + word.encode()
    info = b"LIST" + struct.pack("<I", 4 + len(note)) + b"INFO" + note
    body = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + info
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _flac(word: str) -> bytes:
    note = b"ARTIST=" + word.encode()
    body = struct.pack("<III", 0, 1, len(note)) + note
    return b"fLaC\0\0\0\x22" + bytes(34) + b"\x84" + len(body).to_bytes(3, "big") + body


def _archive(*parts: tuple[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts:
            archive.writestr(zipfile.ZipInfo(name), text * 2, zipfile.ZIP_DEFLATED)
    return out.getvalue()


_FILMS = (
    ("mp4", "place in udta", lambda word: _film(b"mp42", _where(word))),
    ("mp4", "item of the list", lambda word: _film(b"isom", _item(b"\xa9nam", word))),
    ("mp4", "box of a stranger", lambda word: _film(b"mp42", box(b"uuid", word.encode()))),
    ("mov", "place in udta", lambda word: _film(b"qt  ", _where(word))),
    ("mov", "maker", lambda word: _film(b"qt  ", _item(b"\xa9mak", word))),
    ("3gp", "place", lambda word: _film(b"3gp5", box(b"udta", box(b"loci", word.encode())))),
    ("mkv", "tag", lambda word: _matroska(b"matroska", word)),
    ("webm", "tag", lambda word: _matroska(b"webm", word)),
    ("avi", "information", lambda word: _wave(word).replace(b"WAVE", b"AVI ")),
)
_SOUNDS = (
    ("mp3", "ID3 2.3", lambda word: _id3(3, word)),
    ("mp3", "ID3 2.4", lambda word: _id3(4, word)),
    ("mp3", "ID3 1", lambda word: b"\xff\xfb\x90\0" * 90 + b"TAG" + word.encode().ljust(125)),
    ("m4a", "item of the list", lambda word: _film(b"M4A ", _item(b"\xa9ART", word))),
    ("ogg", "Vorbis comment", lambda word: _ogg(b"\x03vorbis", word)),
    ("opus", "comment", lambda word: _ogg(b"OpusTags", word)),
    ("wav", "information", _wave),
    ("flac", "comment", _flac),
    ("amr", "behind the head", lambda word: b"#!AMR\n" + word.encode()),
)
_DOCUMENTS = (
    ("svg", "metadata", lambda word: b"<svg xmlns='http://www.w3.org/2000/svg'>" + xmp(word)),
    ("html", "comment", lambda word: b"<html><!-- " + word.encode() + b" -->"),
    (
        "docx",
        "author",
        lambda word: _archive(("word/document.xml", "x"), ("docProps/core.xml", word)),
    ),
    ("zip", "part", lambda word: _archive(("a.txt", word))),
    ("eps", "comment", lambda word: b"%!PS-Adobe-3.0 EPSF-3.0\n%%Creator: " + word.encode()),
    ("psd", "resource", lambda word: b"8BPS\0\x01" + bytes(20) + word.encode()),
    (
        "doc",
        "summary",
        lambda word: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + word.encode("utf-16-le"),
    ),
    ("gzip", "name", lambda word: b"\x1f\x8b\x08\x08" + bytes(6) + word.encode() + b"\0"),
    ("zlib", "all", lambda word: zlib.compress(word.encode() * 3)),
    ("text", "all", str.encode),
    ("nothing", "behind a head of PNG", lambda word: b"\x89PNG\r\n\x1a\n" + word.encode()),
    ("nothing", "behind a head of JPEG", lambda word: b"\xff\xd8\xff\xe0" + word.encode()),
    ("nothing", "behind a head of PDF", lambda word: b"%PDF-1.7\n" + word.encode()),
    ("nothing", "behind a head of HEIC", lambda word: box(b"ftyp", b"heic" * 3) + word.encode()),
)
