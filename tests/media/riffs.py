"""WEBP (which is RIFF), GIF and BMP."""

import struct
from collections.abc import Iterator

from PIL import Image

from tests.media.cases import Case, Chest, Secret, painted, saved
from tests.media.fields import exifs, full_exif, profile, xmp


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(*chunks: bytes, is_lossless: bool = False, flags: int = 0, first: bytes = b"") -> bytes:
    """Return a WEBP with chunks behind its points; `first` stands before them."""
    plain = saved(painted(), "WEBP", lossless=is_lossless)
    wide = _chunk(b"VP8X", struct.pack("<I", flags) + b"\x5f\0\0\x3f\0\0")
    body = b"WEBP" + wide + first + plain[12:] + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webps(chest: Chest) -> Iterator[Case]:
    """Yield all WEBPs of the corpus."""

    def case(place: str, body: bytes, *hidden: Secret) -> Case:
        return Case(format="webp", place=place, body=body, hidden=hidden)

    for is_lossless in (False, True):
        kind = "lossless" if is_lossless else "lossy"
        block, hidden = full_exif(chest)
        yield case(
            f"EXIF, {kind}",
            webp(_chunk(b"EXIF", block), is_lossless=is_lossless, flags=8),
            *hidden,
        )
        word = chest.text()
        yield case(
            f"XMP, {kind}",
            webp(_chunk(b"XMP ", xmp(word)), is_lossless=is_lossless, flags=4),
            word,
        )
        word = chest.text()
        icc = _chunk(b"ICCP", profile(word))
        yield case(
            f"colour profile, {kind}", webp(first=icc, is_lossless=is_lossless, flags=32), word
        )
        word = chest.text()
        yield case(
            f"unknown chunk, {kind}",
            webp(_chunk(b"OWN ", word.encode()), is_lossless=is_lossless),
            word,
        )
        word = chest.text()
        yield case(f"behind the end, {kind}", webp(is_lossless=is_lossless) + word.encode(), word)
    for place, block, found in list(exifs(chest, ">"))[1::4]:
        yield case(place, webp(_chunk(b"EXIF", b"Exif\0\0" + block), flags=8), *found)
    word = chest.text()
    moving = saved(
        painted(), "WEBP", save_all=True, append_images=[painted().rotate(180)], xmp=xmp(word)
    )
    yield case("moving", moving, word)
    word = chest.text()
    yield case(
        "clear", saved(painted(mode="RGBA"), "WEBP", exif=b"Exif\0\0" + word.encode()), word
    )


def gifs(chest: Chest) -> Iterator[Case]:
    """Yield all GIFs of the corpus."""

    def case(place: str, body: bytes, *hidden: Secret) -> Case:
        return Case(format="gif", place=place, body=body, hidden=hidden)

    plain = saved(painted(mode="P"), "GIF")
    colours = 13 + 3 * 2 ** ((plain[10] & 7) + 1)

    def noted(extension: bytes, *, is_late: bool = False) -> bytes:
        at = len(plain) - 1 if is_late else colours
        return b"GIF89a" + plain[6:at] + extension + plain[at:]

    def parts(body: bytes) -> bytes:
        pieces = [body[at : at + 255] for at in range(0, len(body), 255)]
        return b"".join(bytes([len(one)]) + one for one in pieces) + b"\0"

    for is_late in (False, True):
        side = "behind" if is_late else "before"
        word = chest.text()
        yield case(
            f"comment, {side}", noted(b"!\xfe" + parts(word.encode()), is_late=is_late), word
        )
        word = chest.text()
        own = b"!\xff\x0bOWNAPPL1.0\0" + parts(word.encode())
        yield case(f"application, {side}", noted(own, is_late=is_late), word)
        word = chest.text()
        packet = b"!\xff\x0bXMP DataXMP" + xmp(word) + b"\x01" + bytes(range(255, -1, -1)) + b"\0"
        yield case(f"XMP, {side}", noted(packet, is_late=is_late), word)
        word = chest.text()
        icc = b"!\xff\x0bICCRGBG1012" + parts(word.encode())
        yield case(f"profile, {side}", noted(icc, is_late=is_late), word)
        word = chest.text()
        text = b"!\x01\x0c" + bytes(12) + parts(word.encode())
        yield case(f"plain text, {side}", noted(text, is_late=is_late), word)
        word = chest.text()
        yield case(
            f"unknown, {side}", noted(b"!\x77" + parts(word.encode()), is_late=is_late), word
        )
    word = chest.text()
    yield case("behind the end", plain + word.encode(), word)
    word = chest.text()
    moving = saved(
        painted(),
        "GIF",
        save_all=True,
        append_images=[painted().rotate(90)],
        comment=word.encode(),
    )
    yield case("moving", moving, word)


def bmps(chest: Chest) -> Iterator[Case]:
    """Yield all BMPs of the corpus."""

    def case(place: str, body: bytes, *hidden: Secret) -> Case:
        return Case(format="bmp", place=place, body=body, hidden=hidden)

    plain = saved(painted((95, 64)), "BMP")
    word = chest.text()
    yield case("behind the points", plain + word.encode(), word)
    for mode in ("RGB", "L"):
        word = chest.text()
        whole = saved(painted((95, 64), mode), "BMP")
        at = struct.unpack_from("<I", whole, 10)[0]
        gap = word.encode().ljust(64, b"\0")
        moved = whole[:10] + struct.pack("<I", at + 64) + whole[14:at] + gap + whole[at:]
        yield case(f"before the points, {mode}", moved, word)
    noise = chest.noise(3 * 64)
    lines = [
        plain[54 + 288 * line : 54 + 288 * line + 285] + noise[3 * line : 3 * line + 3]
        for line in range(64)
    ]
    yield case("at the ends of lines", plain[:54] + b"".join(lines), noise[:3] + lines[1][:20])
    word = chest.text()
    icc = profile(word)
    head = struct.pack("<IiiHHIIiiII", 124, 95, 64, 1, 24, 0, 95 * 288, 0, 0, 0, 0)
    head += bytes(16) + b"DEBM" + bytes(48) + struct.pack("<IIII", 0, 124 + 288 * 64, len(icc), 0)
    body = b"BM" + struct.pack("<IHHI", 138 + 288 * 64 + len(icc), 0, 0, 138)
    yield case("colour profile", body + head + plain[54:] + icc, word)
    word = chest.text()
    image = Image.new("P", (20, 20))
    image.putpalette(bytes(30) + word.encode().ljust(738, b"\0"))
    whole = saved(image, "BMP")
    table = b"".join(word.encode()[at : at + 3][::-1] + b"\0" for at in range(0, len(word) - 2, 3))
    yield case("colours that are not used", whole, table)
