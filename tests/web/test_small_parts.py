"""A small form is cut as the reader of large ones cuts it, and what is no form is refused."""

import asyncio
from collections.abc import Mapping

import aiohttp
import pytest
from aiohttp.base_protocol import BaseProtocol
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot.web.small_parts import small_parts

BOUNDARY = "----of-a-browser"
NAMES = st.sampled_from(("what", "where", "once", "pictures", "năm"))
CONTENTS = st.one_of(st.binary(max_size=60), st.text('\r\n-- :;="x', max_size=40).map(str.encode))
PARTS = st.lists(st.tuples(NAMES, st.booleans(), CONTENTS), min_size=1, max_size=6)


def written(parts: list[tuple[str, bool, bytes]]) -> bytes:
    pieces = []
    for name, is_file, contents in parts:
        disposition = f'form-data; name="{name}"' + ('; filename="a.jpg"' if is_file else "")
        kind = "Content-Type: image/jpeg\r\n" if is_file else ""
        head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n{kind}\r\n"
        pieces.append(head.encode() + contents + b"\r\n")
    return b"".join(pieces) + f"--{BOUNDARY}--\r\n".encode()


async def as_aiohttp_reads(body: bytes) -> list[tuple[str | None, bool, bytes]]:
    stream = aiohttp.StreamReader(
        BaseProtocol(asyncio.get_running_loop()), 2**16, loop=asyncio.get_running_loop()
    )
    stream.feed_data(body)
    stream.feed_eof()
    headers: Mapping[str, str] = CIMultiDict(
        {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    )
    reader = aiohttp.MultipartReader(headers, stream)
    found: list[tuple[str | None, bool, bytes]] = []
    while (part := await reader.next()) is not None:
        assert isinstance(part, aiohttp.BodyPartReader)
        found.append((part.name, part.filename is not None, bytes(await part.read())))
    return found


@given(parts=PARTS)
def test_both_ways_read_the_same(parts: list[tuple[str, bool, bytes]]) -> None:
    body = written(parts)
    assert list(small_parts(body, BOUNDARY)) == asyncio.run(as_aiohttp_reads(body))


@given(body=st.binary(max_size=200))
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"form|part|encoding"):
        list(small_parts(b"--x\r\n" + body.replace(b"--x", b""), "x"))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Content-Disposition: form-data",
        b'Content-Disposition: form-data; filename="name=x"',
        b'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64',
    ],
)
def test_a_part_without_a_name_or_coded_is_refused(head: bytes) -> None:
    body = b"--x\r\n" + head + b"\r\n\r\nwords\r\n--x--\r\n"
    with pytest.raises(ValueError, match=r"a part|an encoding"):
        list(small_parts(body, "x"))
