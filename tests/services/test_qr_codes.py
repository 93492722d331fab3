"""A QR code as a picture shows each module of the code, black or white, with room around it."""

import re

import segno

from bot.services.qr_codes import drawn, modules_of, picture
from tests.pictures import opened

RECEIPT = "ABCD-EFGH-JKMN-PQRS-TVWX-YZ01"


def test_every_module_of_the_code_stands_in_the_picture() -> None:
    image = opened(picture(RECEIPT)).convert("L")
    modules = segno.make(RECEIPT, error="m", micro=False, mask=3).matrix
    step = image.width // (len(modules) + 8)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            at = ((column + 4) * step + step // 2, (row + 4) * step + step // 2)
            assert (image.getpixel(at) == 0) is bool(dark)
    assert image.width == image.height


def test_every_module_of_the_code_stands_in_the_drawing() -> None:
    made = drawn(RECEIPT, border=2)
    modules = segno.make(RECEIPT, error="m", micro=False, mask=3).matrix
    size = len(modules) + 4
    assert f'viewBox="0 0 {size} {size}"' in made
    dark = {
        (int(row) - 2, int(column) - 2 + step)
        for column, row, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", made)
        for step in range(int(length))
    }
    assert dark == {
        (row, column)
        for row, line in enumerate(modules)
        for column, is_dark in enumerate(line)
        if is_dark
    }


def test_a_title_cannot_end_the_drawing() -> None:
    made = drawn(RECEIPT, border=2, title="</title><script>")
    assert "<script>" not in made
    assert made.startswith("<svg")


def test_a_code_made_before_is_drawn_like_one_made_at_once() -> None:
    assert drawn(modules_of(RECEIPT), border=2) == drawn(RECEIPT, border=2)
