"""Pictures are made anew: nothing but what is seen comes along, and nothing else comes through."""

import asyncio
import subprocess
import sys
import zlib

import pytest
from PIL import Image, PngImagePlugin

from bot.core.cleaning import NotCleaned, Unclean
from bot.core.errors import RuleBroken
from bot.core.pictures import PictureTooLarge, PictureUnreadable
from bot.vault.cleaning import FILE_MOST_BYTES, PictureCleaner
from bot.vault.scrubbing.endings import Ending
from bot.vault.scrubbing.films import MOST_STILLS
from bot.vault.scrubbing.pages import MOST_PAGES
from bot.vault.scrubbing.pictures import MOST_POINTS
from tests.media.films import film
from tests.pictures import CAMERA, opened, pdf, photograph, picture

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
    red, green, _ = image.getpixel((20, 10))  # type: ignore[misc] # three colours
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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "HEIF"])
async def test_every_format_becomes_a_jpeg(cleaner: PictureCleaner, kind: str) -> None:
    (clean,) = await cleaner.clean_all(picture((120, 90), kind=kind, colour=(255, 0, 0)))
    image = opened(clean.body)
    assert (clean.media_type, image.format, image.size) == ("image/jpeg", "JPEG", (120, 90))
    red, green, _ = image.getpixel((60, 45))  # type: ignore[misc] # three colours
    assert (red > 200, green < 60) == (True, True)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"])
async def test_every_kind_of_tiff_is_read(cleaner: PictureCleaner, mode: str) -> None:
    assert opened(await cleaner.clean(picture(kind="TIFF", mode=mode))).mode == "RGB"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF", "TIFF"])
async def test_of_several_pictures_the_first_is_kept(cleaner: PictureCleaner, kind: str) -> None:
    second = Image.new("RGB", (80, 60), "white")
    several = picture(kind=kind, colour=(200, 0, 0), save_all=True, append_images=[second])
    (clean,) = await cleaner.clean_all(several)
    red, _, blue = opened(clean.body).getpixel((40, 30))  # type: ignore[misc] # three colours
    assert (red > 150, blue < 60) == (True, True)


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
    "jpeg 2000": picture(kind="JPEG2000"),
    "pdf": pdf(b"0 0 9 9 re f"),
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


async def test_several_at_once_are_all_cleaned(cleaner: PictureCleaner) -> None:
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


def test_a_refusal_is_a_sentence_for_the_officer() -> None:
    assert issubclass(PictureUnreadable, RuleBroken)


# --- files ------------------------------------------------------------------------------------

RED = b"1 0 0 rg 20 20 160 260 re f"
# A large page painted over and over, which takes minutes.
ENDLESS = pdf(b"0 0 1200 1200 re f " * 100_000, size=(1200, 1200))


async def refused(cleaner: PictureCleaner, body: bytes) -> Unclean:
    with pytest.raises(NotCleaned) as caught:
        await cleaner.clean_all(body)
    return caught.value.reason


async def test_each_page_of_a_pdf_becomes_a_picture(cleaner: PictureCleaner) -> None:
    clean = await cleaner.clean_all(pdf(RED, b"", RED))
    seen = [opened(one.body).getpixel((200, 300)) for one in clean]
    assert [green < 60 for _, green, _ in seen] == [True, False, True]  # type: ignore[misc] # three colours


async def test_a_pdf_of_too_many_pages_is_refused(cleaner: PictureCleaner) -> None:
    assert len(await cleaner.clean_all(pdf(*[RED] * MOST_PAGES))) == MOST_PAGES
    assert await refused(cleaner, pdf(*[RED] * (MOST_PAGES + 1))) is Unclean.TOO_BIG


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska"])
async def test_of_a_film_some_pictures_are_kept(cleaner: PictureCleaner, kind: str) -> None:
    shades = [Image.new("RGB", (96, 64), (shade, 0, 0)) for shade in range(0, 200, 5)]
    clean = await cleaner.clean_all(film(kind, "mpeg4", images=shades, voice=bytes(1600)))
    seen = [opened(one.body).getpixel((40, 30))[0] for one in clean]  # type: ignore[index] # JSON
    assert len(seen) == MOST_STILLS
    assert seen == sorted(set(seen))


async def test_a_film_taken_sideways_stands_upright(cleaner: PictureCleaner) -> None:
    image = Image.new("RGB", (96, 64), "white")
    image.paste("red", (0, 0, 96, 20))
    clean = await cleaner.clean_all(film("mov", "mpeg4", images=[image], turned=90))
    red, green, _ = opened(clean[0].body).getpixel((8, 48))  # type: ignore[misc] # three colours
    assert opened(clean[0].body).size == (64, 96)
    assert (red > 200, green < 60) == (True, True)


async def test_sound_in_a_films_clothes_is_refused(cleaner: PictureCleaner) -> None:
    assert await refused(cleaner, film("matroska", "", voice=bytes(1600))) is (
        Unclean.UNKNOWN_FORMAT
    )


def test_without_the_extra_films_are_refused() -> None:
    program = (
        "import sys; sys.modules['av'] = None\n"
        "from bot.vault.scrubbing.__main__ import main\n"
        "sys.exit(main('all'))"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-c", program], input=film("mp4", "mpeg4"), check=False
    )
    assert ended.returncode == Ending.UNKNOWN_FORMAT


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", Unclean.UNKNOWN_FORMAT, id="nothing"),
        pytest.param(b"PK\x03\x04" + bytes(90), Unclean.UNKNOWN_FORMAT, id="an archive"),
        pytest.param(SVG, Unclean.UNKNOWN_FORMAT, id="svg"),
        pytest.param(picture(kind="JPEG2000"), Unclean.UNKNOWN_FORMAT, id="a format not listed"),
        pytest.param(bytes(FILE_MOST_BYTES + 1), Unclean.TOO_BIG, id="too many bytes"),
        pytest.param(bomb(30_000, 30_000), Unclean.TOO_MANY_POINTS, id="too many points"),
        pytest.param(photograph()[:900], Unclean.BROKEN, id="half a picture"),
        pytest.param(b"%PDF-1.7\nnothing more", Unclean.BROKEN, id="no pdf"),
    ],
)
async def test_a_refusal_says_why(cleaner: PictureCleaner, body: bytes, reason: Unclean) -> None:
    assert await refused(cleaner, body) is reason


async def test_what_takes_too_long_is_ended(cleaner: PictureCleaner) -> None:
    hurried = PictureCleaner(limit_s=0.5)
    assert await refused(hurried, ENDLESS) is Unclean.TOO_SLOW


async def test_one_that_takes_long_keeps_nobody_waiting(cleaner: PictureCleaner) -> None:
    async with asyncio.TaskGroup() as group:
        long = group.create_task(cleaner.clean_all(ENDLESS))
        for _ in range(3):
            assert await cleaner.clean(photograph())
        assert not long.done()
        long.cancel()
