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
    (path,) = re.findall(r' d="([^"]*)"', made)
    dark, column, row = set(), 0, 0
    for begins_at, its_row, over, along in re.findall(r"M(\d+) (\d+)\.5|m(\d+) 0|h(\d+)", path):
        if its_row:
            column, row = int(begins_at), int(its_row)
        dark |= {(row - 2, column - 2 + step) for step in range(int(along or 0))}
        column += int(over or 0) + int(along or 0)
    assert re.sub(r"M\d+ \d+\.5|m\d+ 0|h\d+", "", path) == ""
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
