"""PNGs: text, profiles, unknown chunks, frames, colours nobody sees, and what follows the end."""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.media.cases import Case, Chest, Secret, painted, saved
from tests.media.fields import exifs, full_exif, profile, xmp

_HEAD_BYTES = 8 + 25


def chunk(name: bytes, body: bytes) -> bytes:
    """Return one chunk."""
    check = zlib.crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + check


def noted(*chunks: bytes, mode: str = "RGB", is_late: bool = False) -> bytes:
    """Return a PNG with chunks before its points, or behind them."""
    whole = saved(painted(mode=mode), "PNG")
    at = len(whole) - 12 if is_late else _HEAD_BYTES
    return whole[:at] + b"".join(chunks) + whole[at:]


def _case(place: str, body: bytes, *hidden: Secret) -> Case:
    return Case(format="png", place=place, body=body, hidden=hidden)


def cases(chest: Chest) -> Iterator[Case]:
    """Yield all PNGs of the corpus."""
    for is_late in (False, True):
        for place, name, start, is_packed in _TEXTS:
            word = chest.text()
            text = zlib.compress(word.encode()) if is_packed else word.encode()
            side = "behind" if is_late else "before"
            body = noted(chunk(name, start + text), is_late=is_late)
            yield _case(f"{place}, {side} the points", body, word)
    word = chest.text()
    yield _case("XMP", noted(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(word))), word)
    word = chest.text()
    block, hidden = full_exif(chest)
    lines = f"\nexif\n{len(block):8}\n".encode() + block.hex().encode()
    packed = b"Raw profile type exif\0\0" + zlib.compress(lines)
    yield _case("raw profile", noted(chunk(b"zTXt", packed)), hidden[0])
    for order in "<>":
        for place, block, found in list(exifs(chest, order))[::4]:
            yield _case(place, noted(chunk(b"eXIf", block)), *found)
    yield from _chunks(chest)
    yield from _points(chest)


_TEXTS = (
    ("tEXt", b"tEXt", b"Comment\0", False),
    ("tEXt of no known name", b"tEXt", b"x-own\0", False),
    ("zTXt", b"zTXt", b"Author\0\0", True),
    ("iTXt", b"iTXt", b"Title\0\0\0vi\0\0", False),
    ("packed iTXt", b"iTXt", b"Title\0\x01\0vi\0\0", True),
    ("private chunk", b"prVt", b"", False),
    ("packed private chunk", b"zzZz", b"", True),
    ("content credentials", b"caBX", b"jumb", False),
)


def _chunks(chest: Chest) -> Iterator[Case]:
    word = chest.text()
    yield _case(
        "colour profile", noted(chunk(b"iCCP", b"own\0\0" + zlib.compress(profile(word)))), word
    )
    word = chest.text()
    name = chunk(b"iCCP", word.encode() + b"\0\0" + zlib.compress(profile(chest.text())))
    yield _case("name of a colour profile", noted(name), word)
    word = chest.text()
    yield _case("name of a palette", noted(chunk(b"sPLT", word.encode() + b"\0\x08")), word)
    word = chest.text()
    yield _case("text behind the end", noted() + word.encode(), word)
    word = chest.text()
    yield _case(
        "chunk behind the end", noted() + chunk(b"tEXt", b"Comment\0" + word.encode()), word
    )
    block, hidden = full_exif(chest)
    second = noted(chunk(b"eXIf", block))
    yield _case("picture behind the end", noted() + second, *hidden)
    word = chest.text()
    moment = struct.pack(">HBBBBB", 2026, 11, 22, 7, 30, 1)
    both = noted(chunk(b"tIME", moment), chunk(b"tEXt", b"Creation Time\0" + word.encode()))
    yield _case("moment", both, word)


def _points(chest: Chest) -> Iterator[Case]:
    """Yield PNGs that hide something where points are."""
    noise = chest.noise(96 * 3)
    seen = painted(mode="RGBA")
    clear = b"".join(noise[at : at + 3] + b"\0" for at in range(0, len(noise), 3))
    seen.paste(Image.frombytes("RGBA", (96, 1), clear), (0, 0))
    lines = b"".join(b"\0" + seen.tobytes()[at : at + 384] for at in range(0, 384 * 64, 384))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 96, 64, 8, 6, 0, 0, 0))
    whole = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(lines))
    yield _case("colours of clear points", whole + chunk(b"IEND", b""), clear[:40])
    word = chest.text()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0))
    grey = b"".join(b"\0" + b"\x80" * 12 for _ in range(4))
    for place, points in (
        ("more lines than points", zlib.compress(grey + word.encode())),
        ("behind the packed points", zlib.compress(grey) + word.encode()),
    ):
        body = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", points) + chunk(b"IEND", b"")
        yield _case(place, body, word)
    yield from _palettes_and_frames(chest)


def _palettes_and_frames(chest: Chest) -> Iterator[Case]:
    word = chest.text()
    unused = word.encode().ljust(3 * 8, b"\0")
    image = Image.new("P", (20, 20))
    image.putpalette(b"\0\0\0\xff\xff\xff" + unused)
    body = saved(image, "PNG", bits=8)
    if word.encode() not in body:
        colours = body.index(b"PLTE") - 4
        size = int.from_bytes(body[colours : colours + 4], "big") + 12
        body = (
            body[:colours]
            + chunk(b"PLTE", b"\0\0\0\xff\xff\xff" + unused)
            + body[colours + size :]
        )
    yield _case("colours that are not used", body, word)
    word = chest.text()
    frames = saved(painted(), "PNG", save_all=True, append_images=[painted().rotate(90)])
    end = frames.rindex(b"IEND") - 4
    yield _case(
        "moving", frames[:end] + chunk(b"tEXt", b"Who\0" + word.encode()) + frames[end:], word
    )
    for mode in ("1", "L", "LA", "P", "I;16", "RGBA"):
        word = chest.text()
        body = noted(
            chunk(b"tEXt", b"Comment\0" + word.encode()), mode=mode if mode != "I;16" else "L"
        )
        yield _case(f"{mode} with text", body, word)
