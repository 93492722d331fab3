"""Pictures are made anew: nothing but what is seen comes along, and nothing else comes through."""

import asyncio
import io
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from bot.core.errors import RuleBroken
from bot.core.pictures import PICTURE_MOST_BYTES, PictureTooLarge, PictureUnreadable
from bot.vault import scrubbing
from bot.vault.cleaning import PictureCleaner
from bot.vault.scrubbing import MOST_BYTES, MOST_POINTS, scrubbed
from tests.pictures import CAMERA, opened, photograph, picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def cleaner() -> PictureCleaner:
    return PictureCleaner()


async def test_where_and_with_what_it_was_taken_is_gone(cleaner: PictureCleaner) -> None:
    taken = photograph()
    assert dict(opened(taken).getexif().get_ifd(0x8825))
    clean = await cleaner.clean(taken)
    assert CAMERA.encode() in taken
    assert CAMERA.encode() not in clean
    assert b"Exif" not in clean
    image = opened(clean)
    assert (image.format, dict(image.getexif())) == ("JPEG", {})
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


async def test_a_picture_taken_sideways_stands_upright(cleaner: PictureCleaner) -> None:
    image = opened(await cleaner.clean(photograph((80, 40), orientation=6)))
    assert image.size == (40, 80)
    red, green, _ = image.getpixel((20, 10))  # type: ignore[misc]
    assert (red > 200, green < 60) == (True, True)


async def test_notes_in_a_png_and_what_hangs_behind_its_end_are_gone(
    cleaner: PictureCleaner,
) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", CAMERA)
    handed_in = picture(kind="PNG", pnginfo=notes) + SVG
    clean = await cleaner.clean(handed_in)
    assert CAMERA.encode() not in clean
    assert SVG not in clean


async def test_what_is_transparent_becomes_white(cleaner: PictureCleaner) -> None:
    image = opened(await cleaner.clean(picture(kind="PNG", mode="RGBA", colour=(0, 0, 0, 0))))
    assert image.getpixel((40, 30)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
async def test_every_kind_of_png_is_read(cleaner: PictureCleaner, mode: str) -> None:
    assert opened(await cleaner.clean(picture(kind="PNG", mode=mode))).mode == "RGB"


async def test_a_picture_in_printing_colours_is_read(cleaner: PictureCleaner) -> None:
    assert opened(await cleaner.clean(picture(mode="CMYK", colour=(0, 0, 0, 0)))).mode == "RGB"


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is very large."""

    def chunk(name: bytes, body: bytes) -> bytes:
        check = zlib.crc32(name + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + name + body + check

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    lines = zlib.compress(bytes(100_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(30_000, 30_000), (MOST_POINTS + 1, 1), (8_000, 6_251)], ids=str)
async def test_too_many_points_are_refused_before_they_are_read(
    cleaner: PictureCleaner, size: tuple[int, int]
) -> None:
    with pytest.raises(PictureTooLarge, match="picture_too_large"):
        await cleaner.clean(bomb(*size))


RUBBISH = {
    "nothing": b"",
    "svg": SVG,
    "html": b"<html><img src=x onerror=alert(1)></html>",
    "gif": picture(kind="GIF", mode="P"),
    "webp": picture(kind="WEBP"),
    "tiff": picture(kind="TIFF"),
    "half a jpeg": photograph()[:900],
    "a jpeg's head": photograph()[:20],
    "half a png": picture((300, 300), kind="PNG")[:-40],
    "a png that promises more": bomb(7_000, 7_000),
    "a head and no picture": b"\xff\xd8\xff\xe0" + b"A" * 500,
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
}


@pytest.mark.parametrize("body", RUBBISH.values(), ids=RUBBISH.keys())
async def test_what_is_no_whole_picture_is_refused(cleaner: PictureCleaner, body: bytes) -> None:
    with pytest.raises(PictureUnreadable, match="picture_unreadable"):
        await cleaner.clean(body)


async def test_several_at_once_are_cleaned_one_by_one(cleaner: PictureCleaner) -> None:
    done = await asyncio.gather(*(cleaner.clean(photograph()) for _ in range(4)))
    assert len(set(done)) == 1


async def test_giving_up_leaves_no_program_behind(cleaner: PictureCleaner) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await cleaner.clean(photograph())
    assert len(await cleaner.clean(photograph())) > 0


async def test_the_imaging_library_takes_no_memory_of_the_program() -> None:
    check = (
        "import sys, asyncio, bot.app.program\n"
        "from bot.vault.cleaning import PictureCleaner\n"
        f"clean = asyncio.run(PictureCleaner().clean({photograph()!r}))\n"
        "print(len(clean) > 0, 'PIL' in sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", check), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert said.split() == [b"True", b"False"]


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    seed=st.binary(min_size=1, max_size=64),
    kind=st.sampled_from(["JPEG", "PNG"]),
)
def test_whatever_is_cleaned_fits(width: int, height: int, seed: bytes, kind: str) -> None:
    points = (seed * (width * height * 3 // len(seed) + 1))[: width * height * 3]
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), points).save(out, kind)
    clean = scrubbed(out.getvalue())
    assert 0 < len(clean) <= MOST_BYTES
    shape = opened(clean).size
    assert max(shape) <= 20 * min(shape)


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 10_000), rubbish=st.binary(max_size=40), keep=st.integers(0, 10_000))
def test_a_damaged_picture_is_cleaned_or_refused(at: int, rubbish: bytes, keep: int) -> None:
    whole = photograph()
    at %= len(whole)
    damaged = whole[:at] + rubbish + whole[at + len(rubbish) :]
    body = damaged[: len(damaged) - keep % 200]
    try:
        clean = scrubbed(body)
    except Exception:  # noqa: BLE001 - refusing it, for whatever reason, is one of the two
        return
    assert 0 < len(clean) <= MOST_BYTES
    assert CAMERA.encode() not in clean


@pytest.mark.parametrize("side", [1_200, 3_200])
def test_noise_which_hardly_shrinks_fits_too(side: int) -> None:
    drops = Image.effect_noise((side, side), 200).convert("RGB")
    out = io.BytesIO()
    drops.save(out, "JPEG", quality=98)
    assert len(out.getvalue()) > MOST_BYTES
    assert len(scrubbed(out.getvalue())) <= MOST_BYTES


def test_both_sides_mean_the_same_size() -> None:
    assert scrubbing.MOST_BYTES == PICTURE_MOST_BYTES


def test_a_refusal_is_a_sentence_for_the_officer() -> None:
    assert issubclass(PictureUnreadable, RuleBroken)
