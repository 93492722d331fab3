"""Tells whether a JPEG holds a picture and nothing else.

What a program apart hands over is looked at once more, without decoding it: should a hostile
file take that program over, it can still give us nothing but points.
"""

import re
from typing import Final

# ITU-T T.81, table B.1: tables, frames (baseline and progressive), scans, restart interval.
_TABLES: Final = frozenset({0xDB, 0xC4, 0xDD, 0xC0, 0xC2})
_SCAN, _END, _JFIF = 0xDA, 0xD9, 0xE0
# JFIF 1.01 without a thumbnail; the density is that of no device: one to one.
_HEAD: Final = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
# Within a scan a byte 0xFF is followed by 0, or by one of eight restart marks.
_AFTER_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]", re.DOTALL)


def is_bare(body: bytes) -> bool:
    """Tell whether `body` is a JPEG of head, tables and scans that ends where it ends."""
    if not body.startswith(_HEAD):
        return False
    at, scans = len(_HEAD), 0
    while body[at : at + 1] == b"\xff" and at + 4 <= len(body):
        mark = body[at + 1]
        past = at + 2 + int.from_bytes(body[at + 2 : at + 4], "big")
        if mark == _SCAN:
            found = _AFTER_SCAN.search(body, past)
            if found is None:
                return False
            at, scans = found.start(), scans + 1
            if body[at + 1] == _END:
                return at + 2 == len(body)
        elif mark in _TABLES:
            at = past
        else:
            return False
    return False
