"""AVIF and HEIC (which are boxes): items for EXIF and XMP, boxes of any name, second pictures."""

import struct
from collections.abc import Iterator

from pillow_heif import register_heif_opener

from tests.media.cases import Case, Chest, Secret, painted, saved
from tests.media.fields import exifs, full_exif, profile, xmp

register_heif_opener()


def box(name: bytes, body: bytes) -> bytes:
    """Return one box."""
    return struct.pack(">I4s", 8 + len(body), name) + body


def cases(chest: Chest) -> Iterator[Case]:
    """Yield all AVIFs and HEICs of the corpus."""
    yield from _of("avif", "AVIF", chest)
    yield from _of("heic", "HEIF", chest)


def _of_no_moment(body: bytes) -> bytes:
    """Return a film without when it was made, so that it is always the same."""
    whole = bytearray(body)
    for name in (b"mvhd", b"tkhd", b"mdhd"):
        at = whole.find(name) + 4
        if at >= 4:
            # Version and flags, then made and changed, of four or eight bytes each.
            length = 16 if whole[at] else 8
            whole[at + 4 : at + 4 + length] = bytes(length)
    return bytes(whole)


def _of(name: str, kind: str, chest: Chest) -> Iterator[Case]:
    def case(place: str, body: bytes, *hidden: Secret) -> Case:
        return Case(format=name, place=place, body=body, hidden=hidden)

    plain = saved(painted(), kind)
    block, hidden = full_exif(chest)
    yield case("EXIF", saved(painted(), kind, exif=b"Exif\0\0" + block), *hidden)
    for order in "<>":
        for place, one, found in list(exifs(chest, order))[2::6]:
            yield case(place, saved(painted(), kind, exif=b"Exif\0\0" + one), *found)
    word = chest.text()
    yield case("XMP", saved(painted(), kind, xmp=xmp(word)), word)
    word = chest.text()
    yield case("colour profile", saved(painted(), kind, icc_profile=profile(word)), word)
    for one in (b"free", b"skip", b"uuid", b"udta", b"Xtra"):
        word = chest.text()
        yield case(f"box {one.decode()} behind", plain + box(one, word.encode()), word)
    word = chest.text()
    yield case("text behind the end", plain + word.encode(), word)
    word = chest.text()
    second = {"save_all": True, "append_images": [painted().rotate(90)]}
    both = saved(painted(), kind, xmp=xmp(word), **second)
    yield case("second picture", _of_no_moment(both), word)
    word = chest.text()
    yield case("clear", saved(painted(mode="RGBA"), kind, xmp=xmp(word)), word)
